package synthetic

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// texts returns faults as an operator reads them.
func texts(faults setting.Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}

const goodProbe = `
job: orders enrichment
topic: orders
template: '{"seed":"{{.Seed}}"}'
`

func TestProbeDefaults(t *testing.T) {
	var c Config
	require.NoError(t, yaml.Unmarshal([]byte(goodProbe), &c))
	require.Empty(t, c.Validate())
	require.Equal(t, Config{
		Job: "orders enrichment", Topic: "orders", Template: `{"seed":"{{.Seed}}"}`,
		Interval: model.Duration(10 * time.Second), KeyMode: "fixed", KeyPrefix: "flink-sidecar",
		OnTimeWithin: model.Duration(time.Minute), Cutoff: model.Duration(3 * time.Minute),
		MaxRate: 1, PollInterval: model.Duration(250 * time.Millisecond), ReadBudget: units.MiB,
	}, c)
}

func TestProbeKeysThatArePresentWin(t *testing.T) {
	var c Config
	require.NoError(t, yaml.Unmarshal([]byte(goodProbe+"read_budget: 512KiB\ninterval: 1m\nkey_mode: seeded\nmax_rate: 0.5\n"), &c))
	require.Empty(t, c.Validate())
	require.Equal(t, 512*units.KiB, c.ReadBudget)
	require.Equal(t, model.Duration(time.Minute), c.Interval)
	require.Equal(t, KeySeeded, c.KeyMode)
	require.InDelta(t, .5, c.MaxRate, 0)
}

func TestProbeFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"nothing said", ``, []string{
			`job: no job is named (set it to the job's name as Flink shows it)`,
			`topic: no topic is named (name a topic that exists)`,
			`template: no template says what a record looks like (write a record that the job accepts, with "{{.Seed}}" in it)`,
		}},
		{"times", goodProbe + "interval: 10ms\npoll_interval: 1m\non_time_within: 5m\ncutoff: 2m\n", []string{
			`interval: 10ms is below 1s (raise it)`,
			`poll_interval: 1m is above 10s (lower it)`,
			`cutoff: 2m is below on_time_within, 5m: no record could be late (raise it to on_time_within or above)`,
		}},
		{"load", goodProbe + "max_rate: 0\nread_budget: 1KiB\n", []string{
			`max_rate: 0 records per second is not above 0 and at most 10000 (choose a rate in between)`,
			`read_budget: 1KiB per second is below 64KiB (raise it)`,
		}},
		{"too fast", goodProbe + "max_rate: 1e9\n", []string{
			`max_rate: 1e+09 records per second is not above 0 and at most 10000 (choose a rate in between)`,
		}},
		{"no number", goodProbe + "max_rate: .nan\n", []string{
			`max_rate: NaN records per second is not above 0 and at most 10000 (choose a rate in between)`,
		}},
		{"keys", goodProbe + "key_mode: random\nkey_prefix: 'a\"b'\n", []string{
			`key_mode: "random" is not a key mode (use fixed or seeded)`,
			`key_prefix: "a\"b" is not a plain prefix (use letters, digits, dots, dashes and underscores)`,
		}},
		{"topic", strings.Replace(goodProbe, "topic: orders", "topic: 'a b'", 1), []string{
			`topic: "a b" can't be the name of a Kafka topic (use letters, digits, dots, dashes and underscores, at most 249)`,
		}},
		{"template without a seed", strings.Replace(goodProbe, ".Seed", ".Key", 1), []string{
			`template: the rendered record does not contain the seed (correct the template; its fields are .Seed .Key .Sequence .SentAt .Partition)`,
		}},
		{"two templates", goodProbe + "template_file: order.json\n", []string{
			`template_file: template is set as well (keep one of the two)`,
		}},
		{"no such template file", "job: j\ntopic: t\ntemplate_file: /nowhere/order.json\n", []string{
			`template_file: stat /nowhere/order.json: no such file or directory (correct the path, or put the text under template)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := DefaultConfig()
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, texts(c.Validate()))
		})
	}
}

func TestTemplateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.json")
	const template = `{"seed":"{{.Seed}}"}`
	require.NoError(t, os.WriteFile(path, []byte(template), 0o600))
	c := DefaultConfig()
	c.Job, c.Topic, c.TemplateFile = "orders enrichment", "orders", path
	require.Empty(t, c.Validate())
	text, err := c.templateText()
	require.NoError(t, err)
	require.JSONEq(t, template, text)
}

func TestKafkaFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", "brokers: [127.0.0.1:9092, '[::1]:9092']\n", nil},
		{"with TLS and SASL", "brokers: [a:1]\ntls: {ca_file: /nowhere/ca.pem}\nsasl: {mechanism: PLAIN, username: u, password_file: /nowhere/p}\n", nil},
		{"nothing said", "", []string{`brokers: no brokers are named (list at least one as host:port)`}},
		{"no port", "brokers: [localhost]\n", []string{`brokers[0]: "localhost" is not an address (write it as host:port)`}},
		{"half of SASL", "brokers: [a:1]\nsasl: {mechanism: GSSAPI}\n", []string{
			`sasl.mechanism: "GSSAPI" is not a known mechanism (use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)`,
			`sasl.username: no user is named (set it)`,
			`sasl.password_file: no password file is named (put the password in a file and name it here)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c KafkaConfig
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, texts(c.Validate()))
		})
	}
}

func TestPasswordIsReadAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	c := SASLConfig{Mechanism: saslPlain, Username: "u", PasswordFile: path}
	_, err := c.password()
	require.EqualError(t, err, "kafka: stat "+path+": no such file or directory (create the file, or correct kafka.sasl.password_file)")
	for _, secret := range []string{"first\n", "second"} {
		require.NoError(t, os.WriteFile(path, []byte(secret), 0o600))
		got, err := c.password()
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(secret), got)
	}
	require.NoError(t, os.WriteFile(path, make([]byte, maxSecretBytes+1), 0o600))
	_, err = c.password()
	require.EqualError(t, err, "kafka: "+path+" has 4097 bytes, too many for a password (correct kafka.sasl.password_file)")
}

func TestElasticsearchFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", "urls: [https://es:9200/prefix]\n", nil},
		{"nothing said", "{}", []string{`urls: no address is named (list at least one, as http://host:9200)`}},
		{"no scheme", "urls: [es:9200]\n", []string{`urls[0]: "es:9200" is not an http or https address (write it as http://host:9200)`}},
		{"a secret in the address", "urls: ['http://elastic:hunter2@es:9200']\n", []string{
			`urls[0]: the address holds credentials, which belong under http (write it as http://host:9200)`,
		}},
		{"timeout", "urls: [http://es]\ntimeout: 10ms\n", []string{`timeout: 10ms is below 1s (raise it)`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c ElasticsearchConfig
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, texts(c.Validate()))
		})
	}
	var c ElasticsearchConfig
	require.NoError(t, yaml.Unmarshal([]byte("urls: [http://es]\n"), &c))
	require.Equal(t, model.Duration(10*time.Second), c.Timeout)
	require.True(t, c.HTTP.FollowRedirects)
}

func TestSinkFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", `
- {name: enriched, kafka: {topic: orders-enriched}}
- {name: alerts, kafka: {topic: orders-alerts, isolation: read_uncommitted}}
- {name: search, elasticsearch: {index: orders, cleanup: delete}}
`, nil},
		{"none", `[]`, nil},
		{"names", `
- {kafka: {topic: a}}
- {name: Enriched!, kafka: {topic: a}}
- {name: visible, kafka: {topic: a}}
- {name: x, kafka: {topic: a}}
- {name: x, kafka: {topic: a}}
`, []string{
			`sinks[0].name: the sink has no name (give the sink one: it becomes a label)`,
			`sinks[1].name: "Enriched!" is not a plain name (use a-z, 0-9, dashes and underscores)`,
			`sinks[2].name: "visible" is the name of a hop (choose another)`,
			`sinks[4].name: the name "x" is taken (choose another)`,
		}},
		{"nowhere and everywhere", `
- {name: a}
- {name: b, kafka: {topic: t}, elasticsearch: {index: i, cleanup: keep}}
`, []string{
			`sinks[0]: the sink is nowhere (add kafka or elasticsearch)`,
			`sinks[1]: the sink is in Kafka and in Elasticsearch (make two sinks of it)`,
		}},
		{"two in Elasticsearch", `
- {name: a, elasticsearch: {index: i, cleanup: keep}}
- {name: b, elasticsearch: {index: j, cleanup: keep}}
`, []string{`sinks[1].elasticsearch: only one sink may be in Elasticsearch (keep one)`}},
		{"undecided", `
- {name: a, elasticsearch: {index: '', seed_field: ''}}
- {name: b, kafka: {isolation: snapshot}}
`, []string{
			`sinks[0].elasticsearch.index: no index is named (name the index that the job writes)`,
			`sinks[0].elasticsearch.seed_field: no seed field is named (name the keyword field with the seed)`,
			`sinks[0].elasticsearch.cleanup: "" does not say what becomes of the probe's documents (use delete (the probe removes its documents) or keep (your index's lifecycle does))`,
			`sinks[1].kafka.topic: no topic is named (name a topic that exists)`,
			`sinks[1].kafka.isolation: "snapshot" is not an isolation level (use read_committed or read_uncommitted)`,
		}},
		{"an index that is none", `[{name: a, elasticsearch: {index: '_all', cleanup: keep}}]`, []string{
			`sinks[0].elasticsearch.index: "_all" can't be searched (name one index, alias, data stream or pattern)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var sinks []SinkConfig
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &sinks))
			require.Equal(t, tc.want, texts(ValidateSinks(sinks)))
		})
	}
}

func TestTooManySinks(t *testing.T) {
	var sinks []SinkConfig
	for i := range maxSinks + 1 {
		sinks = append(sinks, SinkConfig{Name: "s" + string(rune('a'+i)), Kafka: &KafkaSinkConfig{Topic: "t", Isolation: readCommitted}})
	}
	require.Equal(t, []string{"sinks: 17 sinks are more than 16 (keep those that matter)"}, texts(ValidateSinks(sinks)))
}
