package signal

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// line is one series of the job orders.
func line(name string, value float64, labels ...string) Series {
	s := Series{Name: name, Labels: map[string]string{"cluster": "c", "job": "orders"}, Value: value}
	for i := 0; i < len(labels); i += 2 {
		s.Labels[labels[i]] = labels[i+1]
	}
	return s
}

// of returns the observations of a signal.
func of(all []Observation, name snapshot.Signal) []Observation {
	var out []Observation
	for _, o := range all {
		if o.Signal == name {
			out = append(out, o)
		}
	}
	return out
}

func TestTableIsConsistent(t *testing.T) {
	seen := map[snapshot.Signal]bool{}
	for _, row := range Table() {
		require.False(t, seen[row.Name], row.Name)
		seen[row.Name] = true
		require.NotEmpty(t, row.Words)
		require.NotEmpty(t, row.From)
		require.NotEmpty(t, row.Unit)
		require.NotEmpty(t, row.Scope)
		require.NotEmpty(t, row.Subject)
		require.True(t, Needs(row.Metric))
	}
	_, known := Lookup("heap")
	require.False(t, known)
	require.Len(t, Names(), len(Table()))
}

func TestWhatIsNotOnThePageIsUnknown(t *testing.T) {
	require.Empty(t, NewReader().Read(began, nil))
	require.Empty(t, NewReader().Read(began, []Series{
		line("flink_job_source_records_per_second", 100), // it is no capacity
		line("flink_job_headroom_ratio", math.NaN()),
	}))
}

func TestGaugeOfAProcessHasItsMaximumAndItsLife(t *testing.T) {
	r := NewReader()
	page := func(cpu float64) []Series {
		return []Series{
			{"flink_tm_cpu_seconds_total", map[string]string{"cluster": "c", "taskmanager": "tm-1"}, cpu},
			{"flink_tm_memory_used_bytes", map[string]string{"cluster": "c", "taskmanager": "tm-1", "area": "heap"}, 7},
			{"flink_tm_memory_max_bytes", map[string]string{"cluster": "c", "taskmanager": "tm-1", "area": "heap"}, 9},
			{"flink_tm_memory_max_bytes", map[string]string{"cluster": "c", "taskmanager": "tm-1", "area": "managed"}, 5},
		}
	}
	got := of(r.Read(began, page(10)), snapshot.HeapUsed)
	require.Len(t, got, 1)
	require.Equal(t, snapshot.Labels{Cluster: "c", Process: "tm-1"}, got[0].Labels)
	require.InDelta(t, 7, got[0].Sample.V, 0)
	require.InDelta(t, 9, *got[0].Max, 0)
	require.Equal(t, "tm-1/0", got[0].ProcessID)
	require.Equal(t, "tm-1/1", of(r.Read(began.Add(time.Minute), page(3)), snapshot.HeapUsed)[0].ProcessID)
}

func TestRunAndEpochOfAJob(t *testing.T) {
	got := of(NewReader().Read(began, []Series{
		line(infoMetric, 1, "job_id", "j1", "epoch", "e1"), line(restartsMetric, 2),
		line("flink_vertex_watermark_lag_seconds", -3, "vertex", "sink", "vertex_id", "v1"),
	}), "watermark-lag")
	require.Len(t, got, 1)
	require.Equal(t, "j1/2", got[0].RunID)
	require.Equal(t, "e1", got[0].EpochKey)
	require.Equal(t, "v1", got[0].Labels.Vertex)
	require.Equal(t, "sink", got[0].VertexName)
}

func TestRateIsUnknownUntilHalfOfItsStretch(t *testing.T) {
	r := NewReader()
	value := 0.0
	read := func(minute int) []Observation {
		at := began.Add(time.Duration(minute) * time.Minute)
		return of(r.Read(at, []Series{line(restartsMetric, value)}), "restarts")
	}
	for minute := range 15 {
		value = float64(minute)
		require.Empty(t, read(minute))
	}
	value = 0 // the job was submitted again
	got := read(15)
	require.Len(t, got, 1)
	require.InDelta(t, 60*14.0/15, got[0].Sample.V, 0.01)
	for minute := 16; minute <= 60; minute++ {
		got = read(minute)
	}
	require.InDelta(t, 0, got[0].Sample.V, 0, "none for 30 min")

	value = 100
	require.Empty(t, read(120), "after a gap the rate begins anew")
}

func TestRatioWithoutEventsIsUnknown(t *testing.T) {
	r := NewReader()
	r.Probed = snapshot.Labels{Job: "orders"}
	page := func(lost, good float64) []Series {
		return []Series{
			{"flink_sidecar_probe_records_total", map[string]string{"sink": "a", "outcome": "lost"}, lost},
			{"flink_sidecar_probe_records_total", map[string]string{"sink": "a", "outcome": "on_time"}, good},
		}
	}
	for minute := range 20 {
		got := of(r.Read(began.Add(time.Duration(minute)*time.Minute), page(0, 0)), "probe-lost")
		require.Empty(t, got)
	}
	got := of(r.Read(began.Add(20*time.Minute), page(1, 3)), "probe-lost")
	require.Len(t, got, 1)
	require.InDelta(t, 0.25, got[0].Sample.V, 1e-9)
	require.Equal(t, "orders", got[0].Labels.Job)
}

// latencies are the buckets of a hop: the records of at most 1 s, 10 s and 60 s, and all.
func latencies(hop string, counts ...float64) []Series {
	var out []Series
	for i, bound := range []string{"1", "10", "60", "+Inf"} {
		out = append(out, Series{
			"flink_sidecar_probe_latency_seconds_bucket", map[string]string{"hop": hop, "le": bound}, counts[i],
		})
	}
	return out
}

// latencyAfter is the latency of the probe after so many minutes of a page that is a function of the minute.
func latencyAfter(minutes int, page func(minute float64) []Series) []Observation {
	r := NewReader()
	var got []Observation
	for minute := range minutes {
		got = of(r.Read(began.Add(time.Duration(minute)*time.Minute), page(float64(minute))), "probe-latency")
	}
	return got
}

// TestPercentileOfTheSlowestHopCounts has a hop with 20 records a minute of which 18 take at most
// 1 s: the 95th percentile is the 19th, in the middle of the bucket up to 10 s. The mean would be
// below 2 s.
func TestPercentileOfTheSlowestHopCounts(t *testing.T) {
	got := latencyAfter(10, func(m float64) []Series {
		return append(latencies("acknowledged", 20*m, 20*m, 20*m, 20*m), latencies("visible", 18*m, 20*m, 20*m, 20*m)...)
	})
	require.Len(t, got, 1)
	require.InDelta(t, 5.5, got[0].Sample.V, 1e-9)
}

func TestPercentileOfALatency(t *testing.T) {
	for name, tc := range map[string]struct {
		perMinute []float64
		want      float64
	}{
		"all in the first bucket, which begins at 0": {[]float64{10, 10, 10, 10}, 0.95},
		"one slow record of a hundred":               {[]float64{99, 99, 99, 100}, 95. / 99},
		"beyond the last bucket":                     {[]float64{1, 1, 1, 2}, 60},
		"nothing in a bucket between":                {[]float64{9, 9, 10, 10}, 35},
	} {
		t.Run(name, func(t *testing.T) {
			got := latencyAfter(10, func(m float64) []Series {
				counts := make([]float64, len(tc.perMinute))
				for i, n := range tc.perMinute {
					counts[i] = n * m
				}
				return latencies("visible", counts...)
			})
			require.Len(t, got, 1)
			require.InDelta(t, tc.want, got[0].Sample.V, 1e-9)
		})
	}
}

func TestLatencyIsUnknownWithoutRecords(t *testing.T) {
	require.Empty(t, latencyAfter(10, func(float64) []Series { return latencies("visible", 7, 8, 9, 9) }),
		"none for 10 min")
	require.Empty(t, latencyAfter(10, func(m float64) []Series { return latencies("visible", m, m, m, m)[:3] }),
		"without the bucket of all records")
	require.Empty(t, latencyAfter(4, func(m float64) []Series { return latencies("visible", m, m, m, m) }),
		"until half of the stretch was seen")
}

// TestLatencyAfterARestart has counters that begin again at 0 after five minutes.
func TestLatencyAfterARestart(t *testing.T) {
	got := latencyAfter(10, func(m float64) []Series {
		if m >= 5 {
			m -= 5
		}
		return latencies("visible", 10*m, 11*m, 11*m, 11*m)
	})
	require.Len(t, got, 1)
	require.InDelta(t, 1+9*0.45, got[0].Sample.V, 1e-9)
}

func TestBucketsComeFromGatheredMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	latency := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "flink_sidecar_probe_latency_seconds", Buckets: []float64{1, 10, 60},
	}, []string{"hop"})
	reg.MustRegister(latency)
	for _, seconds := range []float64{0.5, 5, 50, 500} {
		latency.WithLabelValues("visible").Observe(seconds)
	}
	families, err := reg.Gather()
	require.NoError(t, err)
	require.Equal(t, latencies("visible", 1, 2, 3, 4), FromFamilies(families))
}

func TestACheckpointIsOneSample(t *testing.T) {
	r := NewReader()
	page := func(age float64) []Series {
		return []Series{
			line("flink_job_last_checkpoint_duration_seconds", 3), line("flink_job_last_checkpoint_age_seconds", age),
		}
	}
	first := of(r.Read(began, page(5)), snapshot.CheckpointDuration)
	again := of(r.Read(began.Add(10*time.Second), page(15.4)), snapshot.CheckpointDuration)
	next := of(r.Read(began.Add(20*time.Second), page(4)), snapshot.CheckpointDuration)
	require.Equal(t, began.Add(-5*time.Second), first[0].Sample.T)
	require.Equal(t, first[0].Sample.T, again[0].Sample.T)
	require.Equal(t, began.Add(16*time.Second), next[0].Sample.T)
}

func TestStatesOfAJobAreAdded(t *testing.T) {
	got := of(NewReader().Read(began, []Series{
		line("flink_state_sst_bytes", 3, "state", "a"), line("flink_state_sst_bytes", 4, "state", "b"),
	}), "rocksdb-size")
	require.Len(t, got, 1)
	require.InDelta(t, 7, got[0].Sample.V, 0)
}

func TestForgetsWhatIsGone(t *testing.T) {
	r := NewReader()
	r.Read(began, []Series{line(restartsMetric, 1), line(infoMetric, 1)})
	require.Len(t, r.runs, 1)
	for i := range 3 * forgetAfter {
		r.Read(began.Add(time.Duration(i)*time.Second), nil)
	}
	require.Empty(t, r.runs)
	require.Empty(t, r.counters)
}
