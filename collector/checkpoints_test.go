package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestARunningCheckpointHasAnAge has the oldest one in progress; a savepoint may take its
// time.
func TestARunningCheckpointHasAnAge(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	now := l.jobManagerTime()
	entry := func(id int, status string, savepoint bool, ago time.Duration) any {
		return map[string]any{
			"id": id, "status": status, "is_savepoint": savepoint, "trigger_timestamp": now.Add(-ago).UnixMilli(),
			"num_subtasks": 8, "num_acknowledged_subtasks": 6,
		}
	}
	l.first()
	job, _ := l.Job(orders)
	require.Nil(t, job.Checkpoints.Running)
	l.Edit("/jobs/"+l.JobID+"/checkpoints", func(document map[string]any) {
		document["history"] = []any{
			entry(21, flink.CheckpointInProgress, false, 10*time.Second),
			entry(20, flink.CheckpointInProgress, false, 140*time.Second),
			entry(19, flink.CheckpointInProgress, true, time.Hour),
			entry(18, "COMPLETED", false, 2*time.Hour),
		}
	})
	l.next()
	job, _ = l.Job(orders)
	require.Equal(t, int64(20), job.Checkpoints.Running.ID)
	require.Equal(t, 155*time.Second, job.Checkpoints.Running.Age)
	require.Equal(t, 6, job.Checkpoints.Running.Acknowledged)
}
