package profiling

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestSymptomOf(t *testing.T) {
	share := func(f float64) *snapshot.Share { return &snapshot.Share{Mean: f, Max: f} }
	held := snapshot.Job{Vertices: []snapshot.Vertex{
		{ID: "source", Busy: share(0.1), Backpressured: share(0.9)},
		{ID: "sink", Busy: share(0.2), Backpressured: share(0)},
	}}
	busy := snapshot.Job{Vertices: []snapshot.Vertex{
		{ID: "source", Busy: share(0.1), Backpressured: share(0.9)}, {ID: "sink", Busy: share(0.95)},
	}}
	for _, c := range []struct {
		rule   string
		job    snapshot.Job
		vertex string
		want   Symptom
	}{
		{"heap-after-gc", busy, "sink", Memory},
		{"TaskManagerHeapFull", busy, "sink", Memory},
		{"JVMHeapFull", busy, "sink", Memory},
		{"FlinkGCTimeHigh", busy, "sink", Memory},
		{"TaskManagerOOMKilled", busy, "sink", Memory},
		{"flink.metaspace_usage", busy, "sink", Memory},
		{"Logcollector", busy, "sink", Working},
		{"checkpoint-size", busy, "sink", Working},
		{"Megachip", busy, "sink", Working},
		{"checkpoint-duration", held, "sink", Waiting},
		{"checkpoint-duration", held, "unknown", Working},
		{"JobRuns", snapshot.Job{Vertices: held.Vertices[1:]}, "sink", Working},
		{"JobRuns", snapshot.Job{}, "", Working},
	} {
		got, why := symptomOf(episode.Alert{Rule: c.rule}, c.job, c.vertex)
		require.Equal(t, c.want, got, c.rule)
		require.Equal(t, c.want == Working, why == "", "what is usual needs no word")
	}
}

// TestALabelDecidesTheSymptom before the words in the name of the rule.
func TestALabelDecidesTheSymptom(t *testing.T) {
	got, why := symptomOf(episode.Alert{Rule: "JVMHeapFull", Symptom: "waiting"}, snapshot.Job{}, "")
	require.Equal(t, Waiting, got)
	require.Equal(t, "; the alert's label symptom says waiting", why)
	got, _ = symptomOf(episode.Alert{Rule: "JVMHeapFull", Symptom: "sad"}, snapshot.Job{}, "")
	require.Equal(t, Memory, got, "a word that is no symptom decides nothing")
}
