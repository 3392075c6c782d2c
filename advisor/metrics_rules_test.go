package advisor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

func TestRulesOverMetrics(t *testing.T) {
	skewedVertex := func(name string) evidence.Bundle {
		return evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{{
			ID: "v", Name: name, Busy: new(0.4),
			BusyMax: new(1.0),
		}}}
	}
	for _, tc := range []struct {
		name     string
		bundle   evidence.Bundle
		category string
		title    string
		high     float64 // -1: no bound
		severity episode.Severity
	}{
		// s = 0.3 x 0.8 = 0.24; 31.5 %.
		{
			"GC time",
			evidence.Bundle{Processes: []evidence.Process{{ID: "tm-1", GC: new(0.02)}, {
				ID: "tm-2",
				GC: new(0.3),
			}}},
			cause.GCPressure, "Garbage collection takes 30.0 % of the time of tm-2", 31.5,
			episode.Warning,
		},
		// 1.0/0.4: 2.5 times as fast at most.
		{"hot key", skewedVertex("enrich"), cause.HotKey, "One subtask of enrich is 2.5 times as busy as the " +
			"mean", 150, episode.Critical},
		{
			"uneven partitions", skewedVertex("Source: orders"), cause.SourceParallelism,
			"One subtask of Source: orders is 2.5 times as busy as the mean", 150, episode.Critical,
		},
		{
			"alignment",
			evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 10, Alignment: new(2.0)}},
			cause.CheckpointAlignment, "Alignment takes 20.0 % of the time between checkpoints", 23.4, episode.Warning,
		},
		{
			"synchronous part",
			evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 1, Sync: new(0.25)}},
			cause.CheckpointInterval, "Synchronous part takes 25.0 % of the time between checkpoints", 25,
			episode.Warning,
		},
		{
			"upload",
			evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 10, Async: new(8.0)}},
			cause.CheckpointUpload, "Uploading a checkpoint takes 8.0 s of the 10 s between two", -1, episode.Warning,
		},
		{
			"upload overdue",
			evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 10, Async: new(12.0)}},
			cause.CheckpointUpload, "Uploading a checkpoint takes 12.0 s of the 10 s between two", -1,
			episode.Critical,
		},
		{
			"state",
			evidence.Bundle{Trends: []evidence.Trend{{
				Signal: evidence.SignalCheckpointSize, Unit: "bytes",
				Now: 4e7, PerSecond: 1e5, PerSecondLow: 9e4, Breach: new(2 * time.Hour),
			}}},
			cause.StateGrowth,
			"Checkpoint size grows and reaches its limit in 2h0m0s", -1, episode.Warning,
		},
		{
			"heap",
			evidence.Bundle{Trends: []evidence.Trend{{
				Signal: evidence.SignalHeapAfterGC, Subject: "tm-1",
				Unit: "ratio", Now: 0.6, PerSecond: 1e-4, PerSecondLow: 9e-5, Breach: new(40 * time.Minute),
				Limit: new(0.9),
			}}},
			cause.GCPressure, "Heap after GC grows and reaches its limit in 40m0s", -1,
			episode.Critical,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			adv := Rules(tc.bundle)
			require.Len(t, adv.Findings, 1)
			f := adv.Findings[0]
			require.Equal(t, tc.category, f.Category)
			require.Equal(t, tc.title, f.Title)
			require.Equal(t, tc.severity, f.Severity)
			require.NotEmpty(t, f.Evidence)
			if tc.high < 0 {
				require.Nil(t, f.Impact)
				return
			}
			require.InDelta(t, tc.high, f.Impact.HighPercent, 0.101)
		})
	}
}

func TestHarmlessTrendsGiveNoFinding(t *testing.T) {
	for name, trend := range map[string]evidence.Trend{
		"may be flat": {
			Signal: evidence.SignalCheckpointSize, PerSecond: 5, PerSecondLow: -1,
			Breach: new(time.Hour),
		},
		"no limit": {Signal: evidence.SignalCheckpointSize, PerSecond: 5, PerSecondLow: 4},
		"days away": {
			Signal: evidence.SignalCheckpointSize, PerSecond: 5, PerSecondLow: 4,
			Breach: new(72 * time.Hour),
		},
		"another signal": {Signal: "lag", PerSecond: 5, PerSecondLow: 4, Breach: new(time.Hour)},
	} {
		require.Empty(t, Rules(evidence.Bundle{Trends: []evidence.Trend{trend}}).Findings, name)
	}
}

func TestGCThreadsGiveAHintWithoutMetrics(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(200),
			"!start_thread;thread_native_entry(Thread*);G1EvacuateRegionsTask::scan_roots(G1ParScanThreadState*, "+
				"unsigned int)", 100)...)}})
	f := found(t, adv, cause.GCPressure)
	require.Nil(t, f.Impact)
	require.Equal(t, episode.Warning, f.Severity)
	require.Equal(t, "33.3 % of the process's CPU time is garbage collection", f.Title)
}

func TestSettingsAreCitedWithoutSecrets(t *testing.T) {
	adv := Rules(evidence.Bundle{
		Sinks: []evidence.SinkRate{{Name: "search", Subtasks: 1, Records: 300, Requests: 300}},
		Config: map[string]string{
			"sink.bulk-flush.max-actions": "1", "sink.batch.password": "hunter2",
			"unrelated": "x",
		},
	})
	f := found(t, adv, cause.SinkBatching)
	var cited []string
	for _, id := range f.Evidence {
		cited = append(cited, entry(t, adv, id).Text)
	}
	require.Contains(t, cited, "sink.bulk-flush.max-actions: 1")
	require.Contains(t, cited, "sink.batch.password: [redacted]")
	require.NotContains(t, cited, "unrelated: x")
}
