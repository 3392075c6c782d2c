package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// A rule fires at its threshold, and not just below it.
func TestThresholdsAreReached(t *testing.T) {
	upload := func(async float64) evidence.Bundle {
		return evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 60, Async: &async}}
	}
	require.Contains(t, bySource(upload(30)), "rule:upload", "half of the interval")
	require.NotContains(t, bySource(upload(29.9)), "rule:upload")

	writing := func(n int) evidence.Bundle {
		snapshot := "!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run;java/io/X.write"
		return evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
			append(evidencetest.Flat(2000-20*(n/20)), snapshot, n)...)}}
	}
	require.Contains(t, bySource(writing(300)), "rule:checkpoint-work", "300 of 2000 are 15 %")
	require.NotContains(t, bySource(writing(280)), "rule:checkpoint-work")
}

// Nine samples of tasks at work are too few, ten are not.
func TestTheLeastSamplesOfTasks(t *testing.T) {
	profile := func(n int) evidence.Bundle {
		user := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]
		return evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
			user+";java/lang/String.format;java/util/Formatter.format", n,
			"!java/lang/Thread.run;com/acme/Pool.work", 200)}}
	}
	require.Contains(t, Rules(profile(9)).Warnings[0], "only 9 of its 209 samples are of tasks at work")
	require.NotContains(t, warningsOf(profile(10)), "of its 210 samples")
}

func warningsOf(b evidence.Bundle) (all string) {
	for _, w := range Rules(b).Warnings {
		all += w + "\n"
	}
	return all
}

// The share that skew costs is evidence: a subtask twice as busy as the mean costs half.
func TestTheShareLostToSkew(t *testing.T) {
	b := evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{
		{ID: "v", Name: "count", Parallelism: 4, Busy: new(0.45), BusyMax: new(0.9)},
	}}
	adv := Rules(b)
	f := bySource(b)["rule:key-skew"]
	require.Equal(t, cause.HotKey, f.Category)
	require.InDelta(t, 0.5, *entry(t, adv, f.Evidence[0]).Value, 1e-9)
	require.InDelta(t, 100, f.Impact.HighPercent, 0.1, "all of it removed")
}

// Of two vertices that wait as much, the first one in Flink's order is named.
func TestOfTwoThatWaitTheFirstIsNamed(t *testing.T) {
	f := bySource(evidence.Bundle{Bottleneck: "c", Vertices: []evidence.Vertex{
		{ID: "a", Name: "Source: a", Busy: new(0.1), Backpressured: new(0.9)},
		{ID: "b", Name: "map", Busy: new(0.1), Backpressured: new(0.9)},
		{ID: "c", Name: "sink", Busy: new(0.7), BusyMax: new(0.7), Backpressured: new(0.0)},
	}})["rule:backpressure"]
	require.Contains(t, f.Title, "sink holds back Source: a")
}

// The busy share of the bottleneck scales both ends of the gain.
func TestTheGainOfABoxingMethodIsScaled(t *testing.T) {
	f := bySource(evidence.Bundle{
		Profiles: []evidence.Profile{
			evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200), intoMine+"com/acme/orders/Sum.add", 600)...),
			evidencetest.Tasks(t, "ALLOC", intoMine+"com/acme/orders/Sum.add;java.lang.Long", 80,
				intoMine+"com/acme/orders/Sum.add;byte[]", 20),
		},
		Bottleneck: "v", Vertices: []evidence.Vertex{{ID: "v", Name: "sum", Busy: new(0.9), BusyMax: new(0.9)}},
	})["rule:boxing"]
	require.NotNil(t, f.Impact)
	require.InDelta(t, 100*(1/(1-0.75*0.9*0.5)-1), f.Impact.HighPercent, 0.1)
	require.InDelta(t, 100*(1/(1-0.72*0.9*0.1)-1), f.Impact.LowPercent, 0.5, "0.72 is the low end of 600 of 800")
}
