package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestThroughputIsUnknownRatherThanWrong(t *testing.T) {
	reading := func(id string, uptime, records float64) collector.Job {
		return collector.Job{ID: id, Read: &collector.Reading{Uptime: uptime, SourceRecords: records}}
	}
	for name, c := range map[string]struct {
		before, now collector.Job
		want        float64 // below 0: unknown
	}{
		"a minute apart":        {reading("a", 100, 5000), reading("a", 160, 11000), 100}, // 6,000 in 60 s
		"idle is a known zero":  {reading("a", 100, 5000), reading("a", 160, 5000), 0},
		"another run":           {reading("a", 100, 5000), reading("b", 160, 11000), -1},
		"restarted":             {reading("a", 100, 5000), reading("a", 5, 50), -1},
		"counters started anew": {reading("a", 100, 5000), reading("a", 160, 50), -1},
		"no newer reading":      {reading("a", 100, 5000), reading("a", 100, 5000), -1},
		"first look":            {collector.Job{}, reading("a", 100, 5000), -1},
		"nothing read yet":      {reading("a", 100, 5000), collector.Job{ID: "a"}, -1},
	} {
		got := throughput(c.before, c.now)
		if c.want < 0 {
			require.Nil(t, got, name)
			continue
		}
		require.NotNil(t, got, name)
		require.InDelta(t, c.want, *got, 1e-9, name)
	}
}

func TestEpochIsDescribedByWhatDiffers(t *testing.T) {
	was := episode.Epoch{FlinkVersion: "2.2.0", Parallelism: 2, TaskManagers: "2 x 1 GiB", PlanHash: "a", ConfigHash: "x"}
	for want, is := range map[string]episode.Epoch{
		"Flink 2.2.0 → 2.3.0":                               {FlinkVersion: "2.3.0", Parallelism: 2, TaskManagers: "2 x 1 GiB", PlanHash: "a", ConfigHash: "x"},
		"parallelism 2 → 4, plan changed":                   {FlinkVersion: "2.2.0", Parallelism: 4, TaskManagers: "2 x 1 GiB", PlanHash: "b", ConfigHash: "x"},
		"TaskManagers 2 x 1 GiB → -, configuration changed": {FlinkVersion: "2.2.0", Parallelism: 2, PlanHash: "a", ConfigHash: "y"},
		"back to an earlier state":                          was,
	} {
		require.Equal(t, want, describeEpoch([]episode.Epoch{was}, is))
	}
	require.Equal(t, "this job is seen for the first time", describeEpoch(nil, was))
}
