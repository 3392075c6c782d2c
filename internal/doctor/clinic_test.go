package doctor

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
)

// clinic is a whole pipeline of fake servers and the configuration that names them.
type clinic struct {
	flink   *flinktest.Server
	kafka   *kfake.Cluster
	elastic *elasticsearchtest.Server
	grafana *grafanatest.Server
	llm     *llmtest.Server
	admin   *kadm.Client

	file       string
	flinkAhead time.Duration // of the clock of the JobManager, since it was captured
	ahead      time.Duration // of our clock
	flinkConf  map[string]string
	elasticURL string
}

func may(op kmsg.ACLOperation, topic string) kfake.ACL {
	return kfake.ACL{
		Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral,
		Operation: op, Allow: true,
	}
}

// rights are those of the user probe; each topic may be described.
func rights(more ...kfake.ACL) []kfake.ACL {
	for _, topic := range []string{"orders", "orders-enriched", "orders-alerts"} {
		more = append(more, may(kmsg.ACLOperationDescribeConfigs, topic), may(kmsg.ACLOperationDescribe, topic))
	}
	return more
}

// newClinic starts a pipeline in which nothing is wrong, if all rights are given.
func newClinic(t *testing.T, acls []kfake.ACL) *clinic {
	t.Helper()
	dir := t.TempDir()
	c := &clinic{
		flink: flinktest.New(t, flinktest.Flink23), flinkConf: map[string]string{},
		elastic: elasticsearchtest.NewServer("orders"), grafana: &grafanatest.Server{Token: "t"},
		llm:  llmtest.NewServer(llmtest.Reply{Content: `{"greeting": "schema-is-enforced"}`}),
		file: filepath.Join(dir, "sidecar.yml"),
	}
	c.llm.Models = []string{"small", "large-2"}
	t.Cleanup(c.llm.Close)
	c.flink.SetNow(func() time.Time { return time.Now().Add(c.flinkAhead) })
	c.setFlink("rest.profiling.enabled", "true")
	c.setFlink("rest.flamegraph.enabled", "true")
	var err error
	c.kafka, err = kfake.NewCluster(
		kfake.NumBrokers(1), kfake.SeedTopics(4, "orders", "orders-enriched", "orders-alerts"), kfake.EnableSASL(),
		kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "admin"), kfake.User("SCRAM-SHA-512", "probe", "hunter2", acls...),
	)
	require.NoError(t, err)
	t.Cleanup(c.kafka.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(c.kafka.ListenAddrs()...),
		kgo.SASL(plain.Auth{User: "admin", Pass: "admin"}.AsMechanism()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	c.admin = kadm.NewClient(client)
	elastic := httptest.NewServer(c.elastic)
	t.Cleanup(elastic.Close)
	c.elasticURL = elastic.URL
	grafana := httptest.NewServer(c.grafana)
	t.Cleanup(grafana.Close)
	for name, text := range map[string]string{"password": "hunter2", "token": "t"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	c.write(t, fmt.Sprintf(`flink: {url: %q, cluster: local}
kafka:
  brokers: [%s]
  sasl: {mechanism: SCRAM-SHA-512, username: probe, password_file: password}
elasticsearch: {urls: [%q]}
sinks:
  - {name: enriched, kafka: {topic: orders-enriched}}
  - {name: alerts, kafka: {topic: orders-alerts}}
  - {name: search, elasticsearch: {index: orders, cleanup: delete}}
probe:
  job: orders enrichment
  topic: orders
  template: '{"seed": "{{.Seed}}"}'
advisor:
  provider: openai
  openai: {base_url: %q, model: small}
grafana: {url: %q, token_file: token}
history: {path: flink-sidecar.db}
web: {listen_address: "127.0.0.1:%d"}
`, c.flink.URL, c.kafka.ListenAddrs()[0], c.elasticURL, c.llm.BaseURL(), grafana.URL, freeTCP(t)))
	c.flinkAhead = c.sinceCapture(t)
	return c
}

// sinceCapture is how far the captured clock of Flink is behind ours.
func (c *clinic) sinceCapture(t *testing.T) time.Duration {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL = c.flink.URL
	asking, err := flink.New(cfg)
	require.NoError(t, err)
	job, err := asking.Job(t.Context(), c.flink.JobID)
	require.NoError(t, err)
	return time.Since(time.UnixMilli(int64(job.Now)))
}

func freeTCP(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (c *clinic) write(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(c.file, []byte(text), 0o600))
}

// replace changes the configuration file.
func (c *clinic) replace(t *testing.T, old, now string) {
	t.Helper()
	text, err := os.ReadFile(c.file)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	c.write(t, strings.Replace(string(text), old, now, 1))
}

// setFlink restarts Flink with another setting.
func (c *clinic) setFlink(key, value string) {
	c.flinkConf[key] = value
	var entries []string
	for key, value := range c.flinkConf {
		entries = append(entries, fmt.Sprintf(`{"key": %q, "value": %q}`, key, value))
	}
	c.flink.Answer("/jobmanager/config", http.StatusOK, "["+strings.Join(entries, ",")+"]")
	if key == "rest.profiling.enabled" {
		c.flink.DisableProfiling()
		if value == "true" {
			c.flink.EnableProfiler(nil)
		}
	}
}

func (c *clinic) now() time.Time { return time.Now().Add(c.ahead) }

// examine runs the doctor and returns what is not fine, by check and what it is of.
func (c *clinic) examine(t *testing.T) map[string]check.Result {
	t.Helper()
	cfg, err := config.Load(c.file, config.Overrides{})
	require.NoError(t, err)
	ill := map[string]check.Result{}
	for _, r := range Examine(t.Context(), cfg, Options{File: c.file, Now: c.now}).Checks {
		if r.State != check.OK {
			ill[r.Check+" "+r.Of] = r
		}
	}
	return ill
}

// paste does what a person does with the line of a fix.
func (c *clinic) paste(t *testing.T, fix *check.Fix) {
	t.Helper()
	switch fix.In {
	case check.InFlink:
		var pasted map[string]string
		require.NoError(t, yaml.Unmarshal([]byte(fix.Line), &pasted))
		for key, value := range pasted {
			c.setFlink(key, value)
		}
	case check.InShell:
		c.shell(t, fix.Line)
	default:
		file, number, found := strings.Cut(fix.In, ":")
		require.True(t, found)
		n, err := strconv.Atoi(number)
		require.NoError(t, err)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		lines := strings.Split(string(text), "\n")
		lines[n-1] = fix.Line
		c.write(t, strings.Join(lines, "\n"))
	}
}

// shell runs a line. Programs of Kafka and curl are played by the test, with the words that
// a real shell makes of the line.
func (c *clinic) shell(t *testing.T, line string) {
	t.Helper()
	play := `kafka() { printf '%s\0' "$@"; }; curl() { printf '%s\0' curl "$@"; }; `
	for _, tool := range []string{"acls", "configs", "topics"} {
		line = strings.Replace(line, "kafka-"+tool+".sh", "kafka "+tool, 1)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", play+line).Output()
	require.NoError(t, err, line)
	if len(out) == 0 {
		return
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if words[0] == "curl" {
		c.curl(t, words[1:])
		return
	}
	c.kafkaTool(t, words[0], words[1:])
}

func (c *clinic) curl(t *testing.T, words []string) {
	t.Helper()
	var method, url, body string
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "-fsS":
		case "-X":
			i++
			method = words[i]
		case "-H":
			i++
			require.Equal(t, "Content-Type: application/json", words[i])
		case "-d":
			i++
			body = words[i]
		default:
			require.Empty(t, url)
			url = words[i]
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode, words)
}

// kafkaTool does what Kafka's own tools do with these arguments.
func (c *clinic) kafkaTool(t *testing.T, tool string, words []string) {
	t.Helper()
	require.Equal(t, []string{"--bootstrap-server", c.kafka.ListenAddrs()[0]}, words[:2])
	flags := map[string][]string{}
	for i := 2; i < len(words); i++ {
		name := words[i]
		flags[name] = append(flags[name], "")
		if i+1 < len(words) && !strings.HasPrefix(words[i+1], "--") {
			i++
			flags[name][len(flags[name])-1] = words[i]
		}
	}
	switch ctx := t.Context(); {
	case tool == "topics":
		require.Contains(t, flags, "--create")
		_, err := c.admin.CreateTopic(ctx, 1, 1, nil, flags["--topic"][0])
		require.NoError(t, err)
	case tool == "acls":
		require.Contains(t, flags, "--add")
		acl := kadm.NewACLs().Allow(flags["--allow-principal"]...).AllowHosts("*").Topics(flags["--topic"]...)
		for _, operation := range flags["--operation"] {
			parsed, err := kmsg.ParseACLOperation(operation)
			require.NoError(t, err)
			acl.Operations(parsed)
			_, err = c.admin.CreateACLs(ctx, acl)
			require.NoError(t, err)
		}
	case flags["--entity-type"][0] == "topics":
		key, value, _ := strings.Cut(flags["--add-config"][0], "=")
		_, err := c.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: key, Value: &value}}, flags["--entity-name"]...)
		require.NoError(t, err)
	default:
		mechanism, secret, _ := strings.Cut(flags["--add-config"][0], "=")
		require.Equal(t, "SCRAM-SHA-512", mechanism)
		password := strings.TrimSuffix(strings.TrimPrefix(secret, "[password="), "]")
		_, err := c.admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{
			User: flags["--entity-name"][0], Mechanism: kadm.ScramSha512, Iterations: 4096, Password: password,
		}})
		require.NoError(t, err)
	}
}
