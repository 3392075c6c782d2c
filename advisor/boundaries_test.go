package advisor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// at is a bundle of one vertex that is the bottleneck.
func at(v evidence.Vertex) evidence.Bundle {
	v.ID = "v"
	return evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{v}}
}

func ofCheckpoints(c evidence.Checkpoints) evidence.Bundle { return evidence.Bundle{Checkpoints: &c} }

// trend is one that grows and reaches its limit after a time.
func trend(breach time.Duration) evidence.Bundle {
	return evidence.Bundle{Trends: []evidence.Trend{{
		Signal: evidence.SignalCheckpointSize, Unit: "bytes", Now: 4e7, PerSecond: 1e5, PerSecondLow: 9e4, Breach: &breach,
	}}}
}

// sinkRate is a sink with two subtasks.
func sinkRate(perRequest, requests float64) evidence.Bundle {
	return evidence.Bundle{Sinks: []evidence.SinkRate{{
		Name: "search", Subtasks: 2, Records: perRequest * requests, Requests: requests,
	}}}
}

// ofSamples is a profile of 1000 samples of which n are in a stack, the others in nothing special.
func ofSamples(t *testing.T, n int, stack string) evidence.Bundle {
	rest := 1000 - n
	pairs := append(evidencetest.Flat(rest-rest%20), stack, n)
	if rest%20 > 0 {
		pairs = append(pairs, "org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.last", rest%20)
	}
	return evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", pairs...)}}
}

// TestEachRuleAtItsThreshold: a rule fires at its threshold and not just below it.
func TestEachRuleAtItsThreshold(t *testing.T) {
	const (
		mib     = float64(1 << 20)
		writing = "!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run;" +
			"java/io/FileOutputStream.write"
		fetching = "!java/lang/Thread.run;org/apache/flink/connector/base/source/reader/fetcher/SplitFetcher.run;" +
			"org/apache/kafka/X.poll"
		gc   = "!start_thread;G1EvacuateRegionsTask::scan_roots"
		user = "org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;" +
			"com/acme/Enrich.processElement"
		sending = "org/apache/flink/streaming/runtime/operators/sink/SinkWriterOperator.processElement;com/acme/S.write"
	)
	full := func(state, written float64) evidence.Bundle {
		b := ofCheckpoints(evidence.Checkpoints{Interval: 600, State: &state, Written: &written})
		b.Config = map[string]string{"state.backend.type": "rocksdb"}
		return b
	}
	free := func(slots, partitions int, busy float64) evidence.Bundle {
		b := at(evidence.Vertex{Name: "map", Parallelism: 2, Partitions: partitions, Busy: &busy, BusyMax: &busy})
		b.FreeSlots = &slots
		return b
	}
	back := func(share float64) evidence.Bundle {
		b := at(evidence.Vertex{Name: "sink", Busy: new(0.9)})
		b.Vertices = append(b.Vertices, evidence.Vertex{ID: "w", Name: "map", Backpressured: &share})
		return b
	}
	requests := func(n, others int) evidence.Bundle {
		b := ofSamples(t, n, sending+";okhttp3/Call.execute")
		b.Profiles[0] = evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200), sending+";okhttp3/Call.execute", n,
			sending+";com/acme/S.render", others)...)
		return b
	}
	for _, tc := range []struct {
		rule      string
		at, below evidence.Bundle
	}{
		{
			"checkpoint-overlap", ofCheckpoints(evidence.Checkpoints{Interval: 4, Duration: new(4.0)}),
			ofCheckpoints(evidence.Checkpoints{Interval: 4, Duration: new(3.9)}),
		},
		{
			"checkpoint-overlap", ofCheckpoints(evidence.Checkpoints{Interval: 4.9, Duration: new(9.0)}),
			ofCheckpoints(evidence.Checkpoints{Interval: 5, Duration: new(9.0)}),
		},
		{
			"checkpoint-pause", ofCheckpoints(evidence.Checkpoints{Interval: 10, Sync: new(0.5)}),
			ofCheckpoints(evidence.Checkpoints{Interval: 10, Sync: new(0.49)}),
		},
		{
			"alignment", ofCheckpoints(evidence.Checkpoints{Interval: 10, Alignment: new(0.5)}),
			ofCheckpoints(evidence.Checkpoints{Interval: 10, Alignment: new(0.49)}),
		},
		{
			"upload", ofCheckpoints(evidence.Checkpoints{Interval: 10, Async: new(5.0)}),
			ofCheckpoints(evidence.Checkpoints{Interval: 10, Async: new(4.9)}),
		},
		{
			"checkpoint-failures", ofCheckpoints(evidence.Checkpoints{FailedInARow: new(2)}),
			ofCheckpoints(evidence.Checkpoints{FailedInARow: new(1)}),
		},
		{
			"checkpoint-timeout", ofCheckpoints(evidence.Checkpoints{Timeout: new(600.0), DurationMax: new(420.0)}),
			ofCheckpoints(evidence.Checkpoints{Timeout: new(600.0), DurationMax: new(419.0)}),
		},
		{"full-checkpoints", full(512*mib, 512*mib), full(512*mib-1, 512*mib)},
		{"full-checkpoints", full(1000*mib, 900*mib), full(1000*mib, 899*mib)},
		{"checkpoint-files", ofSamples(t, 150, writing), ofSamples(t, 149, writing)},
		{"kafka-consumer", ofSamples(t, 200, fetching), ofSamples(t, 199, fetching)},
		{"gc", ofSamples(t, 150, gc), ofSamples(t, 149, gc)},
		{
			"gc",
			evidence.Bundle{Processes: []evidence.Process{{ID: "tm", GC: new(0.05)}}},
			evidence.Bundle{Processes: []evidence.Process{{ID: "tm", GC: new(0.049)}}},
		},
		{"key-skew", at(evidence.Vertex{Busy: new(0.5), BusyMax: new(0.75)}), at(evidence.Vertex{Busy: new(0.5), BusyMax: new(0.74)})},
		{"key-skew", at(evidence.Vertex{Busy: new(0.4), BusyMax: new(0.7)}), at(evidence.Vertex{Busy: new(0.4), BusyMax: new(0.69)})},
		{
			"source-skew", at(evidence.Vertex{Name: "Source: o", Busy: new(0.5), BusyMax: new(0.75)}),
			at(evidence.Vertex{Name: "Source: o", Busy: new(0.5), BusyMax: new(0.74)}),
		},
		{"free-slots", free(1, 0, 0.8), free(0, 0, 0.8)},
		{"free-slots", free(1, 3, 0.8), free(1, 2, 0.8)},
		{"free-slots", free(1, 0, 0.8), free(1, 0, 0.79)},
		{
			"few-partitions", at(evidence.Vertex{Name: "Source: o", Parallelism: 4, Partitions: 3}),
			at(evidence.Vertex{Name: "Source: o", Parallelism: 4, Partitions: 4}),
		},
		{"backpressure", back(0.5), back(0.49)},
		{"state-growth", trend(24*time.Hour - time.Second), trend(24 * time.Hour)},
		{"sink-requests", sinkRate(5, 40), sinkRate(5.1, 40)},
		{"sink-requests", sinkRate(5, 40), sinkRate(5, 39)},
		{"sink-requests", requests(100, 100), requests(99, 101)},
		{"own-code", ofSamples(t, 200, user), ofSamples(t, 199, user)},
		{"regex-compile", ofSamples(t, 50, user+";java/util/regex/Pattern.compile"), ofSamples(t, 49, user+";java/util/regex/Pattern.compile")},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			require.Contains(t, bySource(tc.at), "rule:"+tc.rule)
			require.NotContains(t, bySource(tc.below), "rule:"+tc.rule)
		})
	}
}

// TestSeverityAtItsThreshold: the severity of a finding without a gain changes there.
func TestSeverityAtItsThreshold(t *testing.T) {
	sink := func(busy float64) evidence.Bundle {
		b := sinkRate(1, 40)
		b.Sinks[0].Vertex = "s"
		b.Vertices = []evidence.Vertex{{ID: "s", Busy: &busy, BusyMax: new(0.9)}}
		return b
	}
	for _, tc := range []struct {
		rule        string
		bundle      evidence.Bundle
		severity    episode.Severity
		below       evidence.Bundle
		belowIsOnly episode.Severity
	}{
		{
			"checkpoint-overlap", ofCheckpoints(evidence.Checkpoints{Interval: 4, Duration: new(8.0)}), episode.Critical,
			ofCheckpoints(evidence.Checkpoints{Interval: 4, Duration: new(7.9)}), episode.Warning,
		},
		{
			"upload", ofCheckpoints(evidence.Checkpoints{Interval: 10, Async: new(10.0)}), episode.Critical,
			ofCheckpoints(evidence.Checkpoints{Interval: 10, Async: new(9.9)}), episode.Warning,
		},
		{"state-growth", trend(time.Hour - time.Second), episode.Critical, trend(time.Hour), episode.Warning},
		{"sink-requests", sink(0.5), episode.Warning, sink(0.49), episode.Info},
	} {
		require.Equal(t, tc.severity, bySource(tc.bundle)["rule:"+tc.rule].Severity, tc.rule)
		require.Equal(t, tc.belowIsOnly, bySource(tc.below)["rule:"+tc.rule].Severity, tc.rule)
	}
}

// TestNoIntervalIsNoShare: a job that takes savepoints only has parts of checkpoints without one.
func TestNoIntervalIsNoShare(t *testing.T) {
	parts := evidence.Checkpoints{Sync: new(2.0), Alignment: new(2.0), Async: new(2.0), Duration: new(6.0)}
	require.Empty(t, Rules(evidence.Bundle{Checkpoints: &parts}).Findings)
}

// TestAlignmentGainsNothingFrom 95 percent of busy time.
func TestAlignmentGainsNothingFrom(t *testing.T) {
	bundle := func(busy float64) evidence.Bundle {
		b := at(evidence.Vertex{Name: "sink", Busy: &busy, BusyMax: new(1.0)})
		b.Checkpoints = &evidence.Checkpoints{Interval: 10, Alignment: new(2.0)}
		return b
	}
	require.Nil(t, bySource(bundle(0.95))["rule:alignment"].Impact)
	require.NotNil(t, bySource(bundle(0.94))["rule:alignment"].Impact)
	unknown := bundle(0.95)
	unknown.Vertices[0].Busy, unknown.Vertices[0].BusyMax = nil, nil
	require.NotNil(t, bySource(unknown)["rule:alignment"].Impact, "whether the vertex works meanwhile is not known")
}

// TestBoxingIsSeenInAllocationsFrom a tenth of them.
func TestBoxingIsSeenInAllocationsFrom(t *testing.T) {
	alloc := func(boxed, all int) evidence.Bundle {
		return evidence.Bundle{Profiles: []evidence.Profile{
			evidencetest.Tasks(t, "ITIMER", evidencetest.Flat(200)...),
			evidencetest.Tasks(t, "ALLOC", intoMine+"com/acme/S.add;java.lang.Long", boxed,
				intoMine+"com/acme/S.add;byte[]", all-boxed),
		}}
	}
	require.Contains(t, bySource(alloc(20, 200)), "rule:boxing")
	require.NotContains(t, bySource(alloc(19, 200)), "rule:boxing")
	require.Contains(t, bySource(alloc(20, 200))["rule:boxing"].Title, "10.0 % of the sampled allocations")
}

// TestLocksAreNamedFrom a fifth of the waits for locks.
func TestLocksAreNamedFrom(t *testing.T) {
	waits := func(own, others int) evidence.Bundle {
		return evidence.Bundle{Profiles: []evidence.Profile{
			evidencetest.Tasks(t, "ITIMER", evidencetest.Flat(200)...),
			evidencetest.Tasks(t, "LOCK", intoMine+"com/acme/S.add;com.acme.Cache", own,
				"org/apache/flink/X.x;java.lang.Object", others),
		}}
	}
	require.Contains(t, bySource(waits(20, 80)), "rule:locks")
	require.NotContains(t, bySource(waits(19, 81)), "rule:locks")
	require.Contains(t, bySource(waits(5, 20)), "rule:locks")
	require.NotContains(t, bySource(waits(5, 21)), "rule:locks")
}

// TestTheSinkWithTheSmallestBatchesIsNamed, whatever the order; one without requests is none.
func TestTheSinkWithTheSmallestBatchesIsNamed(t *testing.T) {
	rate := func(name string, perRequest float64) evidence.SinkRate {
		return evidence.SinkRate{Name: name, Subtasks: 1, Records: 100 * perRequest, Requests: 100}
	}
	b := evidence.Bundle{Sinks: []evidence.SinkRate{
		rate("a", 3), rate("b", 1), rate("c", 2), {Name: "none", Records: 5}, {Name: "idle", Requests: 9},
	}}
	require.Equal(t, "Sink b sends 1.0 records per request", bySource(b)["rule:sink-requests"].Title)
	require.Empty(t, bySource(evidence.Bundle{Sinks: []evidence.SinkRate{rate("a", 20)}}))
}

// TestTheCollectorOfThisJobIsAdvised: the change depends on what is known.
func TestTheCollectorOfThisJobIsAdvised(t *testing.T) {
	change := func(config map[string]string, stacks ...any) string {
		b := evidence.Bundle{Config: config, Processes: []evidence.Process{
			{ID: "a"}, {ID: "b", GC: new(0.1)}, {ID: "c", GC: new(0.3)}, {ID: "d", GC: new(0.2)},
		}}
		if len(stacks) > 0 {
			b.Profiles = []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200), stacks...)...)}
		}
		f := bySource(b)["rule:gc"]
		require.Equal(t, "Garbage collection takes 30.0 % of the time of c", f.Title)
		return f.Change
	}
	require.Contains(t, change(nil), "If the collector is the serial or the parallel one, choose G1")
	require.Contains(t, change(nil), "set pipeline.object-reuse: true")
	require.NotContains(t, change(map[string]string{"pipeline.object-reuse": "true"}), "object-reuse")
	require.NotContains(t, change(nil, "!start_thread;G1EvacuateRegionsTask::work", 20), "choose G1")
	require.Contains(t, change(nil, "!start_thread;PSScavenge::invoke", 20), "with several processors choose G1")
}

// TestTheSameProfileCountsOnce, whatever its name.
func TestTheSameProfileCountsOnce(t *testing.T) {
	var b evidence.Bundle
	for i := range 3 {
		p := evidencetest.Tasks(t, "ITIMER", evidencetest.Flat(200)...)
		p.Name = fmt.Sprintf("p%d.html", i)
		b.Profiles = append(b.Profiles, p)
	}
	all := warningsOf(b)
	require.Equal(t, 2, strings.Count(all, "has the samples of p0.html and counts once"), all)
}

// TestTheGainOfBlockingCallsIsOfTheBusyTime that WALL shows. The vertex limits the job, and is always
// busy then: its idle time of the last minute need not remain.
func TestTheGainOfBlockingCallsIsOfTheBusyTime(t *testing.T) {
	b := at(evidence.Vertex{Name: "map", Busy: new(0.8), BusyMax: new(0.9)})
	b.Profiles = []evidence.Profile{evidencetest.Tasks(t, "WALL", append(evidencetest.Flat(600),
		intoMine+"com/acme/S.get;java/net/SocketInputStream.read;java/lang/Thread.sleep", 400)...)}
	f := bySource(b)["rule:blocking-calls"]
	require.NotNil(t, f.Impact)
	require.InDelta(t, 100*(1/(1-0.4*0.95)-1), f.Impact.HighPercent, 0.1)
	require.InDelta(t, 100*(1/(1-0.375*0.8*0.5)-1), f.Impact.LowPercent, 0.5, "0.375 is the low end of 400 of 1000")
}
