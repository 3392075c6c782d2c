package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

func TestSymptomOf(t *testing.T) {
	share := func(f float64) *snapshot.Share { return &snapshot.Share{Mean: f, Max: f} }
	held := snapshot.Job{Vertices: []snapshot.Vertex{
		{ID: "source", Busy: share(0.1), Backpressured: share(0.9)}, {ID: "sink", Busy: share(0.2), Backpressured: share(0)},
	}}
	busy := snapshot.Job{Vertices: []snapshot.Vertex{
		{ID: "source", Busy: share(0.1), Backpressured: share(0.9)}, {ID: "sink", Busy: share(0.95)},
	}}
	for _, c := range []struct {
		rule   string
		job    snapshot.Job
		vertex string
		want   profiling.Symptom
	}{
		{"heap-after-gc", busy, "sink", profiling.Memory},
		{"TaskManagerHeapFull", busy, "sink", profiling.Memory},
		{"checkpoint-size", busy, "sink", profiling.Working},
		{"Megachip", busy, "sink", profiling.Working},
		{"checkpoint-duration", held, "sink", profiling.Waiting},
		{"checkpoint-duration", held, "unknown", profiling.Working},
		{"JobRuns", snapshot.Job{Vertices: held.Vertices[1:]}, "sink", profiling.Working},
		{"JobRuns", snapshot.Job{}, "", profiling.Working},
	} {
		got, why := symptomOf(episode.Alert{Rule: c.rule}, c.job, c.vertex)
		require.Equal(t, c.want, got, c.rule)
		require.Equal(t, c.want == profiling.Working, why == "", "what is usual needs no word")
	}
}

func TestModesOfATarget(t *testing.T) {
	p := &profiles{cfg: profiling.Config{Modes: []flame.Mode{flame.ITIMER, flame.Alloc}}}
	require.Equal(t, p.cfg.Modes, p.modesOf(episode.Target{}), "before modes were chosen, all were taken")
	require.Equal(t, []flame.Mode{flame.Alloc}, p.modesOf(episode.Target{Modes: []string{"ALLOC", "NONE"}}))
}
