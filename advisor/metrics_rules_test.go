package advisor

import (
	"regexp"
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
			"Checkpoint size grows and reaches its limit in 2 h", -1, episode.Warning,
		},
		{
			"heap",
			evidence.Bundle{Trends: []evidence.Trend{{
				Signal: evidence.SignalHeapAfterGC, Subject: "tm-1",
				Unit: "ratio", Now: 0.6, PerSecond: 1e-4, PerSecondLow: 9e-5, Breach: new(40 * time.Minute),
				Limit: new(0.9),
			}}},
			cause.GCPressure, "Heap after GC grows and reaches its limit in 40 min", -1,
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

// What fired is what a person on call asks about, even if something else would gain more.
func TestFindingOfTheRuleThatFiredComesFirst(t *testing.T) {
	bundle := evidence.Bundle{
		Checkpoints: &evidence.Checkpoints{Interval: 10, Async: new(12.0), Sync: new(8.0)},
		Processes:   []evidence.Process{{ID: "tm-1", GC: new(0.9)}},
		Trends: []evidence.Trend{{
			Signal: evidence.SignalCheckpointSize, Unit: "bytes", Limit: new(4e9),
			Now: 4e7, PerSecond: 1e5, PerSecondLow: 9e4, Breach: new(2 * time.Hour),
		}},
	}
	require.NotEqual(t, "rule:state-growth", Rules(bundle).Findings[0].Source, "a warning without impact is not first")

	bundle.Trends[0].Fired = true
	findings := Rules(bundle).Findings
	require.Equal(t, "rule:state-growth", findings[0].Source)
	require.Equal(t, 1, findings[0].Rank)

	bundle.Trends[0].Signal = evidence.SignalCheckpointDuration
	own := Rules(bundle).Findings
	require.Equal(t, "Checkpoint duration grows and reaches its limit in 2 h", titled(own, "rule:state-growth"))
	for i, rule := range []string{"rule:gc", "rule:checkpoint-pause", "rule:upload"} {
		require.NotEmpty(t, titled(own, rule), i)
	}
	require.Equal(t, "rule:gc", own[len(own)-1].Source, "the others explain long checkpoints")
}

func titled(findings []episode.Finding, source string) string {
	for _, f := range findings {
		if f.Source == source {
			return f.Title
		}
	}
	return ""
}

// A rule may know two signals that both grow: the one that fired is the one to explain.
func TestTheTrendThatFiredIsExplained(t *testing.T) {
	trends := []evidence.Trend{
		{
			Signal: evidence.SignalCheckpointSize, Unit: "bytes", Now: 4e7, PerSecond: 1e5, PerSecondLow: 9e4,
			Breach: new(2 * time.Hour),
		},
		{
			Signal: evidence.SignalCheckpointDuration, Unit: "seconds", Now: 40, PerSecond: 0.1, PerSecondLow: 0.05,
			Breach: new(10 * time.Minute), Limit: new(60.0), Fired: true,
		},
	}
	findings := Rules(evidence.Bundle{Trends: trends}).Findings
	require.Len(t, findings, 1)
	require.Equal(t, "Checkpoint duration grows and reaches its limit in 10 min", findings[0].Title)
}

func TestOneGrowthRateInAnEpisode(t *testing.T) {
	adv := Rules(evidence.Bundle{Trends: []evidence.Trend{{
		Signal: evidence.SignalCheckpointSize, Unit: "bytes", Limit: new(1e9),
		Now: 400 << 20, PerSecond: 2 << 20, PerSecondLow: 1 << 20, Breach: new(5 * time.Minute),
	}}})
	rate := regexp.MustCompile(`grows by [^;]*`)
	require.Equal(t, "grows by 120.0 MiB per minute", rate.FindString(adv.Evidence[0].Text))
	require.Contains(t, adv.Findings[0].Why, "grows by 120.0 MiB per minute")
	require.NotContains(t, adv.Findings[0].Why, "at least")
}

func TestSignalAboveItsLimitIsAFindingWithoutGrowth(t *testing.T) {
	trend := evidence.Trend{
		Signal: evidence.SignalHeapAfterGC, Subject: "tm-1", Unit: "bytes", Now: 950 << 20, Limit: new(900.0 * (1 << 20)),
	}
	f := Rules(evidence.Bundle{Trends: []evidence.Trend{trend}}).Findings[0]
	require.Equal(t, "Heap after GC is above its limit", f.Title)
	require.Equal(t, episode.Critical, f.Severity)
	require.Contains(t, f.Why, "It is now 950.0 MiB.")

	trend.PerSecond, trend.PerSecondLow, trend.Breach = 1<<20, 1<<19, new(time.Duration)
	f = Rules(evidence.Bundle{Trends: []evidence.Trend{trend}}).Findings[0]
	require.Equal(t, "Heap after GC is above its limit and keeps growing", f.Title)

	slow := evidence.Trend{Signal: evidence.SignalCheckpointDuration, Unit: "seconds", Now: 155, Limit: new(60.0)}
	require.Empty(t, Rules(evidence.Bundle{Trends: []evidence.Trend{slow}}).Findings,
		"a slow checkpoint that does not grow says nothing of the state")
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

// Alignment before a vertex that is busy all the time is a sign of backpressure, not a loss.
func TestAlignmentOfABusyVertexGainsNothing(t *testing.T) {
	b := evidence.Bundle{
		Checkpoints: &evidence.Checkpoints{Interval: 10, Alignment: new(2.0)}, Bottleneck: "v",
		Vertices: []evidence.Vertex{{ID: "v", Name: "sink", Busy: new(0.7), BusyMax: new(0.9)}},
	}
	require.NotNil(t, found(t, Rules(b), cause.CheckpointAlignment).Impact)
	b.Vertices[0].Busy = new(0.99)
	f := found(t, Rules(b), cause.CheckpointAlignment)
	require.Nil(t, f.Impact)
	require.Equal(t, episode.Info, f.Severity)
	require.Contains(t, f.Why, "sink is busy 99.0 % of the time, so it works meanwhile")
}

// What Flink says of the last ten checkpoints.
func TestCheckpointsThatFailExpireOrWriteAll(t *testing.T) {
	rulesOf := func(b evidence.Bundle) map[string]episode.Finding {
		out := map[string]episode.Finding{}
		for _, f := range Rules(b).Findings {
			out[f.Source] = f
		}
		return out
	}
	got := rulesOf(evidence.Bundle{Checkpoints: &evidence.Checkpoints{
		Interval: 60, FailedInARow: new(3), LastFailure: "Checkpoint expired before completing",
	}})["rule:checkpoint-failures"]
	require.Equal(t, "The last 3 checkpoints failed", got.Title)
	require.Contains(t, got.Why, "Flink says of the last one: Checkpoint expired before completing.")
	require.Empty(t, rulesOf(evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 60, FailedInARow: new(1)}}))

	long := evidence.Checkpoints{Interval: 600, Timeout: new(600.0), DurationMax: new(430.0)}
	require.Equal(t, "The longest checkpoint took 430 s, and the timeout is 600 s",
		rulesOf(evidence.Bundle{Checkpoints: &long})["rule:checkpoint-timeout"].Title)
	long.DurationMax = new(400.0)
	require.Empty(t, rulesOf(evidence.Bundle{Checkpoints: &long}))

	large := evidence.Bundle{
		Checkpoints: &evidence.Checkpoints{Interval: 600, State: new(float64(2 << 30)), Written: new(float64(2 << 30))},
		Config:      map[string]string{"state.backend.type": "rocksdb"},
	}
	require.Contains(t, rulesOf(large)["rule:full-checkpoints"].Title, "Each checkpoint writes all 2")
	large.Config["execution.checkpointing.incremental"] = "true"
	require.Empty(t, rulesOf(large))
	large.Config = map[string]string{"state.backend.type": "hashmap"}
	require.Empty(t, rulesOf(large), "the heap backend cannot")

	unaligned := evidence.Bundle{Checkpoints: &evidence.Checkpoints{
		Interval: 10, Alignment: new(3.0), Unaligned: new(true),
	}}
	require.Contains(t, rulesOf(unaligned)["rule:alignment"].Change, "Unaligned checkpoints are on already")
}
