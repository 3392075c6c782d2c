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

	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

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
		Interval: model.Duration(10 * time.Second), KeyMode: "fixed", KeyPrefix: "flink-sidecar", Ingested: "auto",
		OnTimeWithin: model.Duration(time.Minute), Cutoff: model.Duration(3 * time.Minute),
		MaxRate: 1, PollInterval: model.Duration(250 * time.Millisecond), ReadBudget: units.MiB,
	}, c)
}

func TestProbeKeysOverrideDefaults(t *testing.T) {
	var c Config
	require.NoError(
		t,
		yaml.Unmarshal([]byte(goodProbe+"read_budget: 512KiB\ninterval: 1m\nkey_mode: seeded\nmax_rate: 0.5\n"), &c),
	)
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
		{"empty", ``, []string{
			`job: no job is named (set it to the job's name as Flink shows it)`,
			`topic: no topic is named (name a topic that exists)`,
			`template: there is no template for the record (write a record that the job accepts, with ` +
				`"{{.Seed}}" in it, or add samples)`,
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
		{"not a number", goodProbe + "max_rate: .nan\n", []string{
			`max_rate: NaN records per second is not above 0 and at most 10000 (choose a rate in between)`,
		}},
		{"share", goodProbe + "max_share_percent: 51\n", []string{
			`max_share_percent: 51 percent is not between 0 and 50 (choose a share in between, or 0 for no limit)`,
		}},
		{"ingested", goodProbe + "ingested: flink\n", []string{
			`ingested: "flink" is not a way to learn when the job has read a record (use auto, stamp or offsets)`,
		}},
		{"keys", goodProbe + "key_mode: random\nkey_prefix: 'a\"b'\n", []string{
			`key_mode: "random" is not a key mode (use fixed, seeded or subtask)`,
			`key_prefix: "a\"b" is not a plain prefix (use letters, digits, dots, dashes and underscores)`,
		}},
		{"topic", strings.Replace(goodProbe, "topic: orders", "topic: 'a b'", 1), []string{
			`topic: "a b" can't be the name of a Kafka topic (use letters, digits, dots, dashes and ` +
				`underscores, at most 249)`,
		}},
		{"template without a seed", strings.Replace(goodProbe, ".Seed", ".Key", 1), []string{
			`template: the rendered record does not contain the seed (correct the template; its fields are ` +
				`.Seed .Key .Sequence .SentAt .Partition)`,
		}},
		{"two templates", goodProbe + "template_file: order.json\n", []string{
			`template_file: template is set as well (keep one of the two)`,
		}},
		{"no such template file", "job: j\ntopic: t\ntemplate_file: /nowhere/order.json\n", []string{
			`template_file: stat /nowhere/order.json: no such file or directory (correct the path, or put the ` +
				`text under template)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := DefaultConfig()
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, synthetictest.FaultTexts(c.Validate()))
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

func TestEitherSamplesOrTemplate(t *testing.T) {
	c := DefaultConfig()
	c.Job, c.Topic, c.Template, c.Samples = "orders", "orders", `{"s":"{{.Seed}}"}`, &payload.Samples{}
	require.Equal(t, []string{"samples: there is a template as well (keep one of the two)"},
		synthetictest.FaultTexts(c.Validate()))
}
