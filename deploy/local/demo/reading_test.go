package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// page is a Reading of a page of metrics, seconds after noon.
func page(t *testing.T, seconds float64, text string) Reading {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	return Reading{At: noon.Add(time.Duration(seconds * float64(time.Second))), families: families}
}

const latencyType = "# TYPE flink_sidecar_probe_latency_seconds histogram\n"

// latencies is a histogram of one hop: how many took at most 0.1 s, 1 s, 10 s and longer.
func latencies(hop string, tenth, one, ten, all int) string {
	return fmt.Sprintf(latencyType+`flink_sidecar_probe_latency_seconds_bucket{hop=%[1]q,le="0.1"} %[2]d
flink_sidecar_probe_latency_seconds_bucket{hop=%[1]q,le="1"} %[3]d
flink_sidecar_probe_latency_seconds_bucket{hop=%[1]q,le="10"} %[4]d
flink_sidecar_probe_latency_seconds_bucket{hop=%[1]q,le="+Inf"} %[5]d
flink_sidecar_probe_latency_seconds_sum{hop=%[1]q} 1
flink_sidecar_probe_latency_seconds_count{hop=%[1]q} %[5]d
`, hop, tenth, one, ten, all)
}

func TestSumAndSeries(t *testing.T) {
	r := page(t, 0, `# TYPE records counter
records{sink="a",outcome="late"} 2
records{sink="b",outcome="late"} 3
records{sink="b",outcome="lost"} 5
# TYPE pending gauge
pending 0
`)
	for _, tc := range []struct {
		name  string
		want  labels
		total float64
		known bool
	}{
		{"records", nil, 10, true},
		{"records", labels{"outcome": "late"}, 5, true},
		{"records", labels{"outcome": "late", "sink": "b"}, 3, true},
		{"records", labels{"outcome": "on_time"}, 0, false},
		{"pending", nil, 0, true},
		{"nothing", nil, 0, false},
	} {
		total, known := r.sum(tc.name, tc.want)
		require.InDelta(t, tc.total, total, 0, "%s %v", tc.name, tc.want)
		require.Equal(t, tc.known, known, "%s %v", tc.name, tc.want)
	}
	require.Len(t, r.series("records", labels{"sink": "b"}), 2)
	_, known := Reading{}.sum("records", nil)
	require.False(t, known, "no page was read yet")
}

func TestLatency(t *testing.T) {
	for _, tc := range []struct {
		name         string
		before, now  string
		p50, p99     float64
		known        bool
		observations uint64
	}{
		{name: "no such hop", now: latencies("other", 1, 2, 3, 4)},
		{name: "nothing passed yet", now: latencies("visible", 0, 0, 0, 0)},
		{
			// rank 50 of 100 lies in (0.1, 1], which holds 20 to 80: 0.1 + 0.9 × 30/60 = 0.55;
			// rank 99 in (1, 10], which holds 80 to 100: 1 + 9 × 19/20 = 9.55.
			name: "since the beginning", now: latencies("visible", 20, 80, 100, 100),
			p50: 0.55, p99: 9.55, known: true, observations: 100,
		},
		{
			// Of the last 100, 60 took at most 0.1 s: rank 50 is 0.1 × 50/60; rank 99 in
			// (0.1, 1], which holds 60 to 100: 0.1 + 0.9 × 39/40.
			name: "since the reading before", before: latencies("visible", 0, 0, 100, 100),
			now: latencies("visible", 60, 100, 200, 200),
			p50: 0.083333, p99: 0.9775, known: true, observations: 200,
		},
		{
			name: "nothing since", before: latencies("visible", 1, 2, 3, 3), now: latencies("visible", 1, 2, 3, 3),
			observations: 3,
		},
		{
			name: "beyond the last bound", now: latencies("visible", 0, 0, 0, 7),
			p50: 10, p99: 10, known: true, observations: 7,
		},
		{
			// A sidecar that was started again: 4 observations are not 100 fewer than before.
			name: "a histogram begun anew", before: latencies("visible", 0, 0, 100, 100),
			now: latencies("visible", 4, 4, 4, 4),
			p50: 0.05, p99: 0.099, known: true, observations: 4,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, now := page(t, 0, tc.before), page(t, 60, tc.now)
			p50, known := now.latency(before, "visible", 0.5)
			require.Equal(t, tc.known, known)
			require.InDelta(t, tc.p50, p50, 1e-4)
			p99, known := now.latency(before, "visible", 0.99)
			require.Equal(t, tc.known, known)
			require.InDelta(t, tc.p99, p99, 1e-4)
			require.Equal(t, tc.observations, now.count("visible"))
		})
	}
}

func TestWithin(t *testing.T) {
	readings := []Reading{{At: noon}, {At: noon.Add(30 * time.Second)}, {At: noon.Add(70 * time.Second)}}
	require.Len(t, within(readings, noon.Add(60*time.Second)), 3)
	require.Len(t, within(readings, noon.Add(61*time.Second)), 2)
	require.Empty(t, within(nil, noon))
}

func TestLines(t *testing.T) {
	require.Equal(t, []string{
		"job unknown, ? records/s; probe at 3 sinks: on_time ? late ? lost ? pending ?",
		"p50/p99 acknowledged ? ingested ? enriched ? alerts ? indexed ? visible ?",
		"trends: no breach expected (? samples of checkpoint-size)",
	}, Lines([]Reading{page(t, 0, "")}))

	full := page(t, 3, `# TYPE flink_job_state gauge
flink_job_state{cluster="local",job="another",state="FAILED"} 1
flink_job_state{cluster="local",job="orders enrichment",state="RUNNING"} 1
# TYPE flink_job_source_records_per_second gauge
flink_job_source_records_per_second{job="orders enrichment"} 100
# TYPE flink_sidecar_probe_records_total counter
flink_sidecar_probe_records_total{sink="enriched",outcome="on_time"} 7
flink_sidecar_probe_records_total{sink="search",outcome="on_time"} 5
flink_sidecar_probe_records_total{sink="search",outcome="late"} 1
flink_sidecar_probe_records_total{sink="search",outcome="lost"} 0
# TYPE flink_sidecar_probe_pending_records gauge
flink_sidecar_probe_pending_records{sink="enriched"} 1
flink_sidecar_probe_pending_records{sink="search"} 2
`+latencies("visible", 20, 80, 100, 100))
	require.Equal(t, []string{
		"job RUNNING, 100 records/s; probe at 3 sinks: on_time 12 late 1 lost 0 pending 3",
		"p50/p99 acknowledged ? ingested ? enriched ? alerts ? indexed ? visible 550ms/9.6s",
		"trends: no breach expected (? samples of checkpoint-size)",
	}, Lines([]Reading{page(t, 0, ""), full}))
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.0004: "0ms", 0.0126: "13ms", 0.95: "950ms", 1: "1.0s",
		9.94: "9.9s", 59.6: "60s",
	} {
		require.Equal(t, want, duration(seconds))
	}
}
