package demo

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// goodPage is the metrics of a sidecar that has done everything.
func goodPage() string {
	text := `# TYPE flink_sidecar_up gauge
flink_sidecar_up{target="flink"} 1
# TYPE flink_job_up gauge
flink_job_up{job="orders enrichment"} 1
# TYPE flink_job_state gauge
flink_job_state{job="orders enrichment",state="RUNNING"} 1
# TYPE flink_vertex_busy_ratio gauge
flink_vertex_busy_ratio{job="orders enrichment",vertex="a"} 0.5
flink_vertex_busy_ratio{job="orders enrichment",vertex="b"} 0
# TYPE flink_sidecar_collector_polls_total counter
flink_sidecar_collector_polls_total{result="ok"} 12
# TYPE flink_sidecar_probe_records_total counter
`
	for _, sink := range sinkNames {
		text += `flink_sidecar_probe_records_total{sink="` + sink + `",outcome="on_time"} 4` + "\n"
	}
	text += `# TYPE flink_sidecar_trend_firing gauge
flink_sidecar_trend_firing{rule="checkpoint-size",job="orders enrichment"} 1
`
	text += latencyType
	for _, hop := range hops {
		text += strings.TrimPrefix(latencies(hop, 4, 4, 4, 4), latencyType)
	}
	return text
}

// good is the evidence of a demo in which every stage did its work.
func good(t *testing.T) evidence {
	t.Helper()
	return evidence{
		reading: page(t, 0, goodPage()),
		status: api.Status{
			History: api.History{Mode: api.ModeFile, Path: "/data/sidecar.db"},
			Probe: &api.Probe{Accounts: []episode.Account{
				{Sink: "enriched", Intended: 4, Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 4}},
			}},
		},
		measurements: 2, records: 4,
		at: noon.Add(allStages), ready: noon, started: noon.Add(2 * time.Second),
		turns:    turns{episodes: []episode.Episode{fullTurn()}, annotations: []annotation{toldOf(fullTurn())}},
		expected: expected{planted: []string{"kryo", "bulk", "lookup", "state"}, growing: true, profiling: true},
	}
}

func TestEveryStageDidItsWork(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, printStages(&out, good(t).stages()))
	require.Equal(t, `STAGE       RESULT  DETAIL
metrics     ok      12 complete polls of Flink, job RUNNING, 2 vertices measured
probe       ok      p50/p99 acknowledged 50ms/99ms ingested 50ms/99ms enriched 50ms/99ms alerts 50ms/99ms indexed 50ms/99ms visible 50ms/99ms; on_time 12 late ? lost ? pending ?
history     ok      2 measurements and 4 probe records in /data/sidecar.db
trend       ok      checkpoint-size fired 01:40 after stack ready: checkpoint size will pass 40 MiB in 7 min (6.9–7.1)
profile     ok      ITIMER of tm-1 for 20 s, 1234 samples; 400 thread samples of enrich orders, orders to Elasticsearch: Writer (enrich orders holds the job back)
advice      ok      3 findings, first Orders are serialized by Kryo (+10 to 25 %); found as planted: generic-serialization, sink-batching, blocking-io
annotation  ok      annotation 7, 22 s after the alert: checkpoint size will pass 40 MiB
`, out.String())
}

func TestStagesThatFailed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*evidence)
		stage  int
		want   Stage
	}{
		{
			"an empty page", func(e *evidence) { e.reading = Reading{} }, 0,
			Stage{"metrics", DidNot, "flink is not up; the job is unknown; no vertex has a busy ratio; no poll of " +
				"Flink was complete"},
		},
		{
			"a probe that saw nothing", func(e *evidence) { e.reading = Reading{} }, 1,
			Stage{"probe", DidNot, "no record passed the hop acknowledged; no record passed the hop ingested; " +
				"no record passed the hop enriched; no record passed the hop alerts; no record " +
				"passed the hop indexed; " +
				"no record passed the hop visible; no record was seen at enriched; no record was seen at alerts; " +
				"no record was seen at search"},
		},
		{
			"an account that does not add up", func(e *evidence) { e.status.Probe.Accounts[0].Intended = 5 }, 1,
			Stage{"probe", DidNot, "records are not accounted for at enriched"},
		},
		{
			"a history in memory", func(e *evidence) {
				e.status.History = api.History{Mode: api.ModeMemory, Reason: "/data is not writable (free it)"}
			}, 2,
			Stage{"history", DidNot, "it is not in its file: /data is not writable (free it)"},
		},
		{
			"an empty history", func(e *evidence) { e.measurements, e.records = 0, 0 }, 2,
			Stage{"history", DidNot, "no probe record is kept; no measurement of the job is kept"},
		},
		{
			"no time for a measurement", func(e *evidence) {
				e.measurements, e.started = 0,
					e.at.Add(-30*time.Second)
			}, 2,
			Stage{"history", NotReached, "the first measurement comes after a minute; 4 probe records in " +
				"/data/sidecar.db"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := good(t)
			tc.change(&e)
			require.Equal(t, tc.want, e.stages()[tc.stage])
		})
	}
}

func TestSummaryNamesWhatFailed(t *testing.T) {
	var out bytes.Buffer
	err := Summary{Stages: []Stage{
		{"metrics", Did, ""},
		{"probe", DidNot, "no record"},
		{"trend", NotReached, ""},
	}}.Print(&out)
	require.EqualError(t, err, "not every stage did its work: probe (no record)")
	require.Equal(t, "STAGE    RESULT       DETAIL\nmetrics  ok           \nprobe    failed       no "+
		"record\ntrend    not reached  \n", out.String())
}
