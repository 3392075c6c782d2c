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

// Names of alerts that teams publish for Flink. What they are about decides the modes; where the
// name says nothing of memory, the state of the job decides.
func TestSymptomsOfPublishedAlerts(t *testing.T) {
	busy := snapshot.Job{Vertices: []snapshot.Vertex{{ID: "sink", Busy: &snapshot.Share{Mean: 0.95, Max: 0.95}}}}
	for rule, want := range map[string]Symptom{
		"FlinkHighJVMMemoryHeapUsage": Memory, "FlinkHighJVMMemoryNonHeapUsage": Memory, "FlinkHighMemoryUsage": Memory,
		"FlinkTaskManagerHeapUsageHigh": Memory, "TaskManagerOutOfMemory": Memory, "JvmMemoryFillingUp": Memory,
		"FlinkOldGenGCTooLong": Memory, "high_jvm_heap_usage": Memory, "Flink JVM heap > 90%": Memory,
		"FlinkManagedMemoryFull": Memory, "FlinkDirectMemoryHigh": Memory,
		"FlinkHighBackpressure": Working, "HighBackpressure": Working, "FlinkCheckpointFailure": Working,
		"FlinkCheckpointDurationHigh": Working, "CheckpointFailureRate": Working, "FlinkCheckpointTimeout": Working,
		"FlinkJobDown": Working, "FlinkJobRestarting": Working, "FlinkTaskManagerMissing": Working,
		"KafkaConsumerLag": Working, "HighIngestionLag": Working, "FlinkThroughputDrop": Working, "FlinkWatermarkLag": Working,
	} {
		got, _ := symptomOf(episode.Alert{Rule: rule}, busy, "sink")
		require.Equal(t, want, got, rule)
	}
}
