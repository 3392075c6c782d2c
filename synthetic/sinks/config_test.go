package sinks

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

func TestSinkFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", `
- {name: enriched, kafka: {topic: orders-enriched}}
- {name: alerts, kafka: {topic: orders-alerts, isolation: read_uncommitted}}
- {name: search, elasticsearch: {index: orders, cleanup: delete}}
- {name: archive, files: {directory: out}}
`, nil},
		{"none", `[]`, nil},
		{"names", `
- {kafka: {topic: a}}
- {name: Enriched!, kafka: {topic: a}}
- {name: visible, kafka: {topic: a}}
- {name: indexed_x, kafka: {topic: a}}
- {name: x, kafka: {topic: a}}
- {name: x, kafka: {topic: a}}
`, []string{
			`sinks[0].name: the sink has no name (set one, it becomes a label)`,
			`sinks[1].name: "Enriched!" is not a plain name (use a-z, 0-9, dashes and underscores)`,
			`sinks[2].name: "visible" is the name of a hop (choose another)`,
			`sinks[3].name: "indexed_x" is the name of a hop (choose another)`,
			`sinks[5].name: the name "x" is taken (choose another)`,
		}},
		{"no kind and two kinds", `
- {name: a}
- {name: b, kafka: {topic: t}, elasticsearch: {index: i, cleanup: keep}}
`, []string{
			`sinks[0]: the sink has no kind (add kafka, elasticsearch or files)`,
			`sinks[1]: the sink has 2 kinds (split it into several sinks)`,
		}},
		{"two in Elasticsearch", `
- {name: a, elasticsearch: {index: i, cleanup: keep}}
- {name: b, elasticsearch: {index: j, cleanup: keep}}
`, nil},
		{"two on one index", `
- {name: a, elasticsearch: {index: i, cleanup: keep}}
- {name: b, elasticsearch: {index: i, cleanup: delete}}
`, []string{`sinks[1].elasticsearch.cleanup: another sink watches index "i", and one would delete what the ` +
			`other has not seen (use keep at both, or another index)`}},
		{"undecided", `
- {name: a, elasticsearch: {index: '', seed_field: ''}}
- {name: b, kafka: {isolation: snapshot}}
`, []string{
			`sinks[0].elasticsearch.index: no index is named (name the index that the job writes)`,
			`sinks[0].elasticsearch.seed_field: no seed field is named (name the keyword field with the seed)`,
			`sinks[0].elasticsearch.cleanup: "" is not a way of cleanup (use delete ` +
				`(the probe removes its documents) or keep (your index's lifecycle does))`,
			`sinks[1].kafka.topic: no topic is named (name a topic that exists)`,
			`sinks[1].kafka.isolation: "snapshot" is not an isolation level (use read_committed or read_uncommitted)`,
		}},
		{"no directory", `[{name: a, files: {}}]`, []string{
			`sinks[0].files.directory: no directory is named (name the directory that the job writes, as this machine sees it)`,
		}},
		{"an invalid index", `[{name: a, elasticsearch: {index: '_all', cleanup: keep}}]`, []string{
			`sinks[0].elasticsearch.index: "_all" can't be searched (name one index, alias, data stream or pattern)`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var sinks []Config
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &sinks))
			require.Equal(t, tc.want, synthetictest.FaultTexts(Validate(sinks)))
		})
	}
}

func TestTooManySinks(t *testing.T) {
	var sinks []Config
	for i := range maxSinks + 1 {
		sinks = append(
			sinks,
			Config{
				Name: "s" + string(rune('a'+i)), Kafka: &kafka.SinkConfig{Topic: "t", Isolation: kafka.ReadCommitted},
			},
		)
	}
	require.Equal(
		t, []string{"sinks: 17 sinks are more than 16 (remove some)"},
		synthetictest.FaultTexts(Validate(sinks)),
	)
}
