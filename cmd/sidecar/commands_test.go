package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// flames are real pages of Flink's profiler.
const flames = "../../internal/flame/testdata/flink/"

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{
		"":                          exitUsage,
		"--help":                    exitFine,
		"version":                   exitFine,
		"history":                   exitUsage,
		"history list --limit=many": exitUsage,
		"history list --limit=0":    exitUsage,
		"history list --limit=5000": exitUsage,
		"history table --block=1h":  exitUsage,
		"history backup -":          exitUsage,
		"help nope":                 exitUsage,
		"history export --kind=epochs --format=csv":                     exitUsage,
		"history export --kind=episodes --format=json":                  exitUsage,
		"profile take --flink.url=http://127.0.0.1:1 --duration=1500ms": exitUsage,
		"profile take --flink.url=http://127.0.0.1:1 --duration=100h":   exitUsage,
		"run --flink.url=http://127.0.0.1:1 --web.listen-address=nope":  exitUsage,
		"probe --help":             exitFine,
		"init":                     exitUsage, // --flink.url is required
		"init --flink.url=ftp://x": exitUsage,
		"init --flink.url=http://x:1 --kafka.brokers=nowhere": exitUsage,
		"scaletest":                                                exitUsage,
		"rules backtest":                                           exitUsage,
		"rules backtest /no/such/file":                             exitFailed,
		"check config /no/such/file":                               exitFailed,
		"check config ../../sidecar.yml":                           exitFine,
		"run --config.file=/no/such":                               exitFailed,
		"run --frobnicate":                                         exitUsage,
		"history list --history.path=/no/such/history.db":          exitFailed,
		"profile convert":                                          exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html": exitUsage,
		// --to is required
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=svg":               exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=table --mode=x":    exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=table --mode=wall": exitFine,
		"profile convert /no/such.html --to=table":                                        exitFailed,
		"profile convert main.go --to=table":                                              exitFailed,
		"profile diff " + flames + "flink-2.3.0-jm-ITIMER.html":                           exitUsage,
		"profile diff main.go main.go":                                                    exitFailed,
		"profile diff - -":                                                                exitUsage,
	} {
		var stderr output
		require.Equal(t, want, run(t.Context(), strings.Fields(args), io.Discard, &stderr), "sidecar %s: %s", args,
			&stderr)
	}
}

// The output of init must be valid without changes, with any name of the cluster.
func TestInitWritesAValidConfiguration(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	path := filepath.Join(t.TempDir(), "sidecar.yml")
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=" + path},
		&stdout, &stderr), &stderr)
	require.Empty(t, stdout.String())
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", path}, &stdout, &stderr), &stdout)

	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(written), "#   orders enrichment\n#     reads topic orders (4 partitions)")
	require.Contains(t, string(written), `#   job: "orders enrichment"`)
	require.Contains(t, string(written), `"seed": "{{.Seed}}"`)
	require.Contains(t, stderr.String(), "(to measure latency, remove the comment signs and fill in kafka.brokers, ")

	require.Equal(t, exitFailed, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=" + path},
		&stdout, &stderr))
	require.Contains(t, stderr.String(), "exists, and init never overwrites a file")
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, written, again)
}

// With --sample and a job that publishes its settings, nothing is left to do by hand.
func TestInitWithASample(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders", "orders-enriched"))
	require.NoError(t, err)
	defer cluster.Close()
	broker := cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{
		Topic: "orders", Value: []byte(`{"order_id": "o-77", "email": "jane@example.com", "amount": 5}`),
	}).FirstErr())
	server.Edit("/jobs/"+server.JobID+"/config", func(doc map[string]any) {
		doc["execution-config"].(map[string]any)["user-config"] = map[string]any{
			"enriched.topic": "orders-enriched", "index": "orders", "elasticsearch.hosts": "127.0.0.1:9200",
		}
	})
	path := filepath.Join(t.TempDir(), "sidecar.yml")
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{
		"init", "--flink.url=" + server.URL, "--output=" + path, "--sample", "--kafka.brokers=" + broker,
	}, &stdout, &stderr), &stderr)
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", path}, &stdout, &stderr), "%s\n%s", &stdout,
		written)
	require.Contains(t, stdout.String(), `ok: 1 Flink cluster, 2 sinks, 1 probe (job "orders enrichment", topic orders)`)
	require.Contains(t, string(written), `"order_id": "{{.Seed}}"`)
	require.Contains(t, string(written), `"amount": 5`)
	require.NotContains(t, string(written), "jane")
}

// The brokers of most teams want a user: the section kafka of a file tells it, and goes into
// the new file without the password.
func TestInitWithASampleOfABrokerThatWantsAUser(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", "probe", "hunter2"))
	require.NoError(t, err)
	defer cluster.Close()
	broker := cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(broker),
		kgo.SASL(plain.Auth{User: "probe", Pass: "hunter2"}.AsMechanism()))
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Value: []byte(`{"amount": 5}`)}).FirstErr())
	dir := t.TempDir()
	password, section, path := filepath.Join(dir, "password"), filepath.Join(dir, "kafka.yml"), filepath.Join(dir, "new.yml")
	require.NoError(t, os.WriteFile(password, []byte("hunter2"), 0o600))
	require.NoError(t, os.WriteFile(section, fmt.Appendf(nil,
		"kafka:\n  brokers: [%q]\n  sasl: {mechanism: PLAIN, username: probe, password_file: password}\n", broker), 0o600))
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{
		"init", "--flink.url=" + server.URL, "--output=" + path, "--sample", "--kafka.config=" + section,
	}, &stdout, &stderr), &stderr)
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(written), "amount")
	require.Contains(t, string(written), "username: probe")
	require.Contains(t, string(written), "password_file: "+password)
	require.NotContains(t, string(written), "hunter2")
}

func TestInitSaysWhatAnswersIsNotFlink(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	server.Break(flinktest.HTML)
	var stdout, stderr output
	require.Equal(t, exitFailed, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=-"},
		&stdout, &stderr))
	require.Contains(t, stderr.String(), "is not Flink")
	require.Empty(t, stdout.String())
}
