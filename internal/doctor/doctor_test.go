package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/firstconfig"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

var (
	writeOrders  = may(kmsg.ACLOperationWrite, "orders")
	readEnriched = may(kmsg.ACLOperationRead, "orders-enriched")
	readAlerts   = may(kmsg.ACLOperationRead, "orders-alerts")
)

func TestAHealthyPipelineIsFine(t *testing.T) {
	c := newClinic(t, rights(writeOrders, readEnriched, readAlerts))
	require.Empty(t, c.examine(t))
}

// Fourteen faults at once, each with a line. Pasted, the lines repair all of them.
func TestEachPlantedFaultIsNamedWithALineThatRepairsIt(t *testing.T) {
	c := newClinic(t, rights(writeOrders, readEnriched))
	c.setFlink("rest.profiling.enabled", "false")
	c.setFlink("rest.flamegraph.enabled", "false")
	c.setFlink("metrics.fetcher.update-interval", "0")
	c.setFlink("web.checkpoints.history", "2")
	c.replace(t, "job: orders enrichment", "job: order-enrichment")
	c.replace(t, "topic: orders\n", "topic: order\n")
	c.replace(t, "model: small", "model: large")
	c.replace(t, "history: {path: flink-sidecar.db}", "history: {path: data/flink-sidecar.db}")
	minute := "60000"
	_, err := c.admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "retention.ms", Value: &minute}}, "orders-enriched")
	require.NoError(t, err)
	c.elastic.Set(func(f *elasticsearchtest.Server) {
		f.Indices["orders"] = &elasticsearchtest.Mapping{Type: "text"}
		f.RefreshInterval = "-1"
		f.Privileges = []string{"read", "view_index_metadata"}
	})
	taken := fmt.Sprintf("127.0.0.1:%d", freeTCP(t))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", taken)
	require.NoError(t, err)
	defer listener.Close()
	text, err := os.ReadFile(c.file)
	require.NoError(t, err)
	_, address, _ := strings.Cut(string(text), "web: ")
	c.replace(t, "web: "+strings.TrimSpace(address), fmt.Sprintf(`web: {listen_address: "%s"}`, taken))

	ill := c.examine(t)
	want := map[string]check.State{
		"flink.profiling local": check.Warning, "flink.flamegraph local": check.Warning, "flink.metrics local": check.Failed,
		"flink.checkpoint-history local": check.Warning, "flink.job local": check.Failed, "kafka.topic order": check.Failed,
		"kafka.rights orders-alerts": check.Failed, "kafka.retention orders-enriched": check.Warning,
		"elasticsearch.seed orders": check.Failed, "elasticsearch.refresh orders": check.Failed,
		"elasticsearch.rights orders": check.Failed, "llm.model ": check.Warning, "web.port " + taken: check.Failed,
		"history.file " + filepath.Join(filepath.Dir(c.file), "data/flink-sidecar.db"): check.Failed,
	}
	got := map[string]check.State{}
	for name, r := range ill {
		got[name] = r.State
		require.NotNil(t, r.Fix, "%s: %s", name, r.Says)
	}
	require.Equal(t, want, got)
	for _, name := range slices.Sorted(maps.Keys(ill)) {
		c.paste(t, ill[name].Fix)
	}
	require.Empty(t, c.examine(t))
}

// What a person meets alone, because it hides what follows.
func TestFaultsThatHideOthers(t *testing.T) {
	all := rights(writeOrders, readEnriched, readAlerts)
	for name, tc := range map[string]struct {
		plant func(t *testing.T, c *clinic)
		want  string
	}{
		"the index is missing": {func(t *testing.T, c *clinic) {
			c.replace(t, "index: orders", "index: orders-2026")
		}, "elasticsearch.index orders-2026"},
		"the LLM ignores the schema": {func(t *testing.T, c *clinic) {
			other := llmtest.NewServer(llmtest.Reply{Content: "Hello!"})
			t.Cleanup(other.Close)
			c.replace(t, c.llm.BaseURL()+`", model`, other.BaseURL()+`", response_format: json_schema, model`)
		}, "llm.format "},
		"the topic of a sink is missing": {func(t *testing.T, c *clinic) {
			c.replace(t, "topic: orders-alerts", "topic: zzz")
		}, "kafka.topic zzz"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t, append(all, may(kmsg.ACLOperationAll, "zzz")))
			tc.plant(t, c)
			ill := c.examine(t)
			require.Len(t, ill, 1)
			require.Contains(t, ill, tc.want)
			require.NotNil(t, ill[tc.want].Fix, ill[tc.want].Says)
			c.paste(t, ill[tc.want].Fix)
			require.Empty(t, c.examine(t))
		})
	}
}

// Where no line here repairs it, the sentence says what is wrong or what to do.
func TestFaultsThatALineAloneDoesNotRepair(t *testing.T) {
	all := rights(writeOrders, readEnriched, readAlerts)
	for name, tc := range map[string]struct {
		plant func(t *testing.T, c *clinic)
		want  string
		says  string
	}{
		"Flink is down": {
			func(_ *testing.T, c *clinic) { c.flink.Break(flinktest.Reset) },
			"flink.connection local", "(check the JobManager and any proxy before it)",
		},
		"the token is a viewer's": {
			func(_ *testing.T, c *clinic) { c.grafana.Role = grafanatest.Viewer },
			"grafana.role ", "role Editor",
		},
		"no TaskManager": {func(_ *testing.T, c *clinic) {
			c.flink.Edit("/overview", func(doc map[string]any) { doc["taskmanagers"] = 0 })
		}, "flink.connection local", "0 TaskManagers (start one"},
		"the directory of a sink is missing": {func(t *testing.T, c *clinic) {
			c.replace(t, "sinks:\n", "sinks:\n  - {name: archive, files: {directory: /none}}\n")
		}, "files /none", "make it, mount it, or correct the key that names it"},
		"the files of a sink are compressed": {func(t *testing.T, c *clinic) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "part-0-0"), []byte("\x1f\x8b\x08\x00"), 0o600))
			c.replace(t, "sinks:\n", "sinks:\n  - {name: archive, files: {directory: "+dir+"}}\n")
		}, "files.directory archive", "is compressed with gzip"},
		"the clocks differ": {
			func(_ *testing.T, c *clinic) { c.flinkAhead += time.Hour },
			"flink.clock local", "off ours",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClinic(t, all)
			tc.plant(t, c)
			ill := c.examine(t)
			require.Len(t, ill, 1)
			require.Contains(t, ill[tc.want].Says, tc.says)
		})
	}
}

// Without a file there is nothing to replace, and the sentence names the key.
func TestDayOne(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	cfg, err := config.Load("", config.Overrides{FlinkURL: s.URL, HistoryPath: filepath.Join(t.TempDir(), "h.db")})
	require.NoError(t, err)
	cfg.Web.ListenAddress = "127.0.0.1:0"
	s.DisableProfiling()
	report := Examine(t.Context(), cfg, Options{})
	require.True(t, report.Works())
	var out bytes.Buffer
	report.WriteTable(&out)
	require.Contains(t, out.String(), "! flink.profiling")
	require.Contains(t, out.String(), "\nrest.profiling.enabled: true\n")
	require.Contains(t, out.String(), "\nsidecar init --flink.url='"+s.URL+"' --sample --output=sidecar-probe.yml\n")
	require.Contains(t, out.String(), "\nMore that a configuration adds:\n  kafka, sinks, probe: end-to-end latency")
	require.Contains(t, out.String(), " fine, ")

	s.Break(flinktest.Reset)
	report = Examine(t.Context(), cfg, Options{})
	require.False(t, report.Works())
	out.Reset()
	require.NoError(t, report.WriteJSON(&out))
	var answer struct {
		Works  bool
		Checks []check.Result
		Hints  []Hint
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &answer))
	require.False(t, answer.Works)
	require.Equal(t, "flink.connection", answer.Checks[0].Check)
	hints := Hints(&cfg)
	require.NotEmpty(t, hints[0].Line)
	hints[0].Line = "" // sidecar init needs Flink
	require.Equal(t, hints, answer.Hints)
	require.Len(t, answer.Hints, 4)
}

// A file that the sidecar would not use is seen before it starts.
func TestHistoriesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.db")
	d := doctor{}
	d.cfg.History.Path = path
	require.Equal(t, check.OK, d.history(t.Context())[0].State, "a new one can be made")

	store, err := history.Open(t.Context(), history.Config{Path: path}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.Equal(t, check.OK, d.history(t.Context())[0].State)

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for says, content := range map[string]string{
		"(correct history.path)":               "flink: {url: x}\n",
		"(the sidecar renames it at the start": string(whole[:len(whole)/2]),
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		found := d.history(t.Context())
		require.Equal(t, check.Failed, found[0].State)
		require.Contains(t, found[0].Says, says)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, string(after), "it changes nothing")
	}
}

// After a way back to an older version, the file of the newer one is said before the start, and left.
func TestAHistoryOfANewerSidecar(t *testing.T) {
	d := doctor{}
	d.cfg.History.Path = filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), history.Config{Path: d.cfg.History.Path}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, store.Close())
	db, err := bbolt.Open(d.cfg.History.Path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte(ledger.BucketMeta))
		name, newer := []byte(ledger.KeySchema), ledger.EncodeUint(999)
		sum := ledger.DecodeUint(meta.Get([]byte(ledger.KeyDigest))) + // the hash of all entries
			ledger.EntryHash([]byte(ledger.BucketMeta), name, newer) -
			ledger.EntryHash([]byte(ledger.BucketMeta), name, meta.Get(name))
		return errors.Join(meta.Put(name, newer), meta.Put([]byte(ledger.KeyDigest), ledger.EncodeUint(sum)))
	}))
	require.NoError(t, db.Close())
	found := d.history(t.Context())[0]
	require.Equal(t, check.Failed, found.State)
	require.Contains(t, found.Says, "written by a newer sidecar: it has schema 999")
	require.Contains(t, found.Says, "(use the newer version of the sidecar, or another history.path)")
	require.NotContains(t, found.Says, ") (", "one advice is enough")
}

// The file of a mount that was missing is a directory, whose rights are not what is wrong.
func TestAHistoryThatIsADirectory(t *testing.T) {
	d := doctor{}
	d.cfg.History.Path = t.TempDir()
	found := d.history(t.Context())[0]
	require.Equal(t, check.Failed, found.State)
	require.Contains(t, found.Says, "makes a directory where the file of a mount is missing")
	require.Equal(t, check.Setting("history.path", filepath.Join(d.cfg.History.Path, "flink-sidecar.db")), found.Fix)
}

// What sidecar init writes of a running pipeline passes the doctor.
func TestTheFirstConfigurationIsFine(t *testing.T) {
	c := newClinic(t, rights(writeOrders, readEnriched, readAlerts))
	c.flink.Edit("/jobs/"+c.flink.JobID+"/config", func(doc map[string]any) {
		doc["execution-config"].(map[string]any)["user-config"] = map[string]any{
			"source.topic": "orders", "enriched.topic": "orders-enriched", "alerts.topic": "orders-alerts",
			"elasticsearch.url": c.elasticURL, "elasticsearch.index": "orders",
		}
	})
	written, err := config.Load(c.file, config.Overrides{})
	require.NoError(t, err)
	asking := flink.DefaultConfig()
	asking.URL = c.flink.URL
	first, err := firstconfig.Discover(t.Context(), asking, firstconfig.Options{
		Kafka: *written.Kafka, Sample: true,
		Sampler: func(_ context.Context, _ kafka.Config, topic string) (string, []kafka.Sampled, error) {
			return topic, []kafka.Sampled{{Value: []byte(`{"seed": "o-1", "amount": 1.5}`)}}, nil
		},
	})
	require.NoError(t, err)
	require.Empty(t, first.Probe.Missing())
	require.NoError(t, os.Remove(c.file))
	require.NoError(t, first.Create(c.file))
	ill := c.examine(t)
	for name, r := range ill {
		t.Errorf("%s is %s: %s", name, r.State, r.Says)
	}
}
