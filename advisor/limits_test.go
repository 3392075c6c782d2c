package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// A flame graph of a vertex with two subtasks, of which one waits for work.
const waitsForWork = "!java/lang/Thread.run;org/apache/flink/runtime/taskmanager/Task.run;" +
	"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;" +
	"org/apache/flink/streaming/runtime/tasks/mailbox/MailboxProcessor.processMailsWhenDefaultActionUnavailable;" +
	"org/apache/flink/streaming/runtime/tasks/mailbox/TaskMailboxImpl.take;jdk/internal/misc/Unsafe.park"

// graph is the flame graph of a vertex: so many samples of stacks, and the others of 200 without work.
func graph(t *testing.T, vertex string, pairs ...any) evidence.Profile {
	t.Helper()
	idle := 200
	for i := 1; i < len(pairs); i += 2 {
		idle -= pairs[i].(int)
	}
	p := evidencetest.Tasks(t, "WALL", append(pairs, waitsForWork, idle)...)
	p.Vertex, p.Name, p.Duration = vertex, "graph of "+vertex, 0
	return p
}

const (
	waiting = "com/acme/orders/Enrich.map;jdk/internal/net/http/HttpClientImpl.send;jdk/internal/misc/Unsafe.park"
	working = "com/acme/orders/Enrich.map;com/acme/orders/Enrich.sum"
)

// begun is a job whose load began in the last minute: a source waits for a hot subtask, which was busy
// for 60 % of that minute. Before a sink that sends single documents.
func begun(profiles ...evidence.Profile) evidence.Bundle {
	return evidence.Bundle{
		Bottleneck: "v", Profiles: profiles,
		Vertices: []evidence.Vertex{
			{ID: "s", Name: "Source: orders", Busy: new(0.03), Backpressured: new(0.3)},
			{ID: "v", Name: "enrich", Parallelism: 2, Busy: new(0.3), BusyMax: new(0.6)},
			{ID: "w", Name: "search: Writer", Parallelism: 2, Busy: new(0.15), BusyMax: new(0.3)},
		},
		Sinks: []evidence.SinkRate{{Name: "search: Writer", Vertex: "w", Subtasks: 2, Records: 200, Requests: 200}},
	}
}

// TestAHotKeyIsSeenBehindAMinuteThatWasNotAllLoad.
func TestAHotKeyIsSeenBehindAMinuteThatWasNotAllLoad(t *testing.T) {
	hot := bySource(begun())["rule:key-skew"]
	require.NotNil(t, hot.Impact)
	require.InDelta(t, 100, hot.Impact.HighPercent, 0.1, "0.6 is twice 0.3")
	require.Contains(t, hot.Why, "Another vertex waits for it")
	require.InDelta(t, 0.6, hot.Confidence, 1e-9)
	require.Contains(t, bySource(begun(graph(t, "v", waiting, 100)))["rule:key-skew"].Why,
		"Its flame graph shows that subtask at work about 100.0 % of the time")

	healthy := begun(graph(t, "v", waiting, 100))
	healthy.Vertices[0].Backpressured = new(0.05)
	require.NotContains(t, bySource(healthy), "rule:key-skew", "nothing waits for it: a burst")
	even := begun()
	even.Vertices[1].BusyMax = new(0.4)
	require.NotContains(t, bySource(even), "rule:key-skew")
	source := begun()
	source.Vertices[1].Name = "Source: others"
	require.NotContains(t, bySource(source), "rule:source-skew", "nothing waits for a source")
}

// TestTheNextLimitCapsByItsBusiestSubtask, and the high end only where its capacity is known.
func TestTheNextLimitCapsByItsBusiestSubtask(t *testing.T) {
	blocking := func(b evidence.Bundle) episode.Finding { return bySource(b)["rule:blocking-calls"] }
	gain := func(b evidence.Bundle) episode.Impact {
		require.NotNil(t, blocking(b).Impact)
		return *blocking(b).Impact
	}
	limit := graph(t, "v", waiting, 100)
	always := 100 * (1/(1-0.95) - 1) // a task that is always busy, and waits all of it

	young := gain(begun(limit))
	require.InDelta(t, 100*(1/(1-0.97*0.6*0.5)-1), young.LowPercent, 0.5, "of a subtask that is busy 60 %")
	require.InDelta(t, always, young.HighPercent, 1)
	busier := begun(limit)
	busier.Vertices[2].BusyMax = new(0.5)
	require.InDelta(t, 20, gain(busier).LowPercent, 0.1, "0.6 and 0.5 of the same minute")

	// The next vertex is at work in 60 of 200 samples, and its subtask twice as much: 0.6, or 0.48 to
	// 0.73 by the interval of its share.
	next, warm := graph(t, "w", working, 60), evidencetest.Tasks(t, "ITIMER", evidencetest.Flat(400)...)
	known := gain(begun(limit, next, warm))
	require.InDelta(t, 100*(1/0.733-1), known.LowPercent, 1)
	require.InDelta(t, 100*(1/0.4814-1), known.HighPercent, 2)
	compiles := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(400), "!start_thread;CompileBroker::x", 22)...)
	require.InDelta(t, always, gain(begun(limit, next, compiles)).HighPercent, 1, "5.2 % of the samples compile")
	require.InDelta(t, always, gain(begun(limit, next)).HighPercent, 1, "whether it compiles is not known")
	waits := graph(t, "w", working, 53, waiting, 7)
	require.InDelta(t, always, gain(begun(limit, waits, warm)).HighPercent, 1, "it waits for something")
}

// TestASinkGainsLittleWhileAnotherVertexLimits, as far as a WALL profile shows what that one needs.
func TestASinkGainsLittleWhileAnotherVertexLimits(t *testing.T) {
	sink := bySource(begun(graph(t, "v", waiting, 90, working, 10)))["rule:sink-requests"]
	require.NotNil(t, sink.Impact)
	require.Zero(t, sink.Impact.LowPercent)
	require.InDelta(t, 100*(1/(1-0.1*0.95)-1), sink.Impact.HighPercent, 0.1)
	require.Nil(t, bySource(begun())["rule:sink-requests"].Impact)
	limits := begun(graph(t, "v", waiting, 90, working, 10))
	limits.Vertices[2].BusyMax = new(0.6)
	require.Nil(t, bySource(limits)["rule:sink-requests"].Impact, "it may be the limit")
}

// TestWhatCheckpointsWithoutAPauseCost: 0.1 s of 2 s in synchronous parts, 1 s of 2 s in alignment, and
// a tenth of the CPU samples. The graph shows the hot subtask idle for 10 % of the time.
func TestWhatCheckpointsWithoutAPauseCost(t *testing.T) {
	process := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(360),
		"!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run", 40)...)
	of := func(profiles ...evidence.Profile) episode.Finding {
		b := begun(profiles...)
		b.Checkpoints = &evidence.Checkpoints{Interval: 0.1, Duration: new(2.0), Sync: new(0.1), Alignment: new(1.0)}
		return bySource(b)["rule:checkpoint-overlap"]
	}
	f := of(graph(t, "v", waiting, 81, working, 9), process)
	require.NotNil(t, f.Impact)
	require.Zero(t, f.Impact.LowPercent)
	require.InDelta(t, 100*(1/(1-0.05-0.1-0.1*0.1)-1), f.Impact.HighPercent, 0.1)
	require.Equal(t, episode.Warning, f.Severity)
	require.Nil(t, of(process).Impact, "how much of its time the limit needs a processor is not known")
	require.Nil(t, of(graph(t, "v", waiting, 81, working, 9)).Impact, "what checkpoints compute is not known")
	require.Equal(t, episode.Critical, of(process).Severity)
}

// TestWhatWritingCheckpointsCosts is at most what it takes of the processors that the limit needs.
func TestWhatWritingCheckpointsCosts(t *testing.T) {
	const async = "!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run"
	for rule, stack := range map[string]string{
		"rule:checkpoint-work": async, "rule:checkpoint-files": async + ";java/io/FileOutputStream.write",
	} {
		process := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(300), stack, 100)...)
		f := bySource(begun(graph(t, "v", waiting, 80, working, 20), process))[rule]
		require.NotNil(t, f.Impact, rule)
		require.Zero(t, f.Impact.LowPercent)
		require.InDelta(t, 100*(1/(1-0.2*0.25)-1), f.Impact.HighPercent, 0.1)
		require.Equal(t, episode.Warning, f.Severity, "as without a gain")
		require.Nil(t, bySource(begun(process))[rule].Impact)
	}
}
