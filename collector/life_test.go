package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestTimesOfAJob(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.SetJobMetric("restartingTimeTotal", "61500")
	l.first()
	l.shows(168.769, "flink_job_state_time_seconds", "state", "RUNNING")
	l.shows(0, "flink_job_state_time_seconds", "state", "RESTARTING")
	l.shows(61.5, "flink_job_state_seconds_total", "state", "RESTARTING")
	l.shows(0, "flink_job_downtime_seconds")
	l.shows(0, "flink_job_rescales_total")

	l.SetJobMetric(metricnames.JobUptime, "-1")
	l.SetJobMetric(metricnames.JobDowntime, "4200")
	l.first()
	l.unknown("flink_job_uptime_seconds", orders)
	l.shows(4.2, "flink_job_downtime_seconds")
}

// TestRescaledInPlace has a job with a new scale between two polls: values of the earlier
// attempts are dropped, and its names are listed again.
func TestRescaledInPlace(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for range 3 {
		l.next() // the names are not due at the next
	}
	before := l.runs[l.JobID].vertices[l.Vertices[0]]
	l.SetJobMetric(metricnames.JobRescales, "1")
	l.next()
	require.NotSame(t, before, l.runs[l.JobID].vertices[l.Vertices[0]])
	job, _ := l.Job(orders)
	require.Nil(t, job.SourceRate)
}

func TestTasksOf(t *testing.T) {
	tasks := tasksOf(flink.Job{Vertices: []flink.Vertex{
		{Tasks: map[string]int{"RUNNING": 3, "DEPLOYING": 1, "<odd>": 7}},
		{Tasks: map[string]int{"RUNNING": 4}},
	}})
	require.Len(t, tasks, len(taskStates()))
	require.Equal(t, 7, tasks["RUNNING"])
	require.Equal(t, 1, tasks["DEPLOYING"])
}

// TestCheckpointsOfAJob has what the captures lack: a failure, a restore and a savepoint.
func TestCheckpointsOfAJob(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Edit("/jobs/"+l.JobID+"/checkpoints", func(d map[string]any) {
		latest := d["latest"].(map[string]any)
		latest["failed"] = map[string]any{
			"id": 9, "trigger_timestamp": 1795374462000, "failure_timestamp": 1795374462864,
			"failure_message": "org.apache.flink.runtime.checkpoint.CheckpointException: expired\n\tat " +
				"a.b(c.java:1)\nCaused by: a.Timeout: too slow\n",
		}
		latest["restored"] = map[string]any{"id": 3, "restore_timestamp": 1795374353218, "is_savepoint": false}
		latest["completed"].(map[string]any)["is_savepoint"] = true
		latest["completed"].(map[string]any)["checkpoint_type"] = "SAVEPOINT"
		running := func(id, triggered int64) map[string]any {
			return map[string]any{"id": id, "status": "IN_PROGRESS", "trigger_timestamp": triggered}
		}
		d["history"] = append([]any{running(19, 1795374522864), running(18, 1795374367864)},
			d["history"].([]any)...)
	})
	l.first()
	l.shows(1795374462.864, "flink_job_last_failed_checkpoint_time_seconds")
	l.shows(60, "flink_job_last_failed_checkpoint_age_seconds")
	l.shows(1795374353.218, "flink_job_last_restore_time_seconds")
	l.shows(1, "flink_job_last_checkpoint_info", "type", "SAVEPOINT", "savepoint", "true")
	l.shows(0.804, "flink_job_checkpoint_duration_seconds_p50")
	l.shows(3.809, "flink_job_checkpoint_duration_seconds_p99")
	l.shows(10, "flink_job_checkpoint_interval_seconds")
	l.shows(600, "flink_job_checkpoint_timeout_seconds")
	l.shows(0, "flink_job_checkpoint_min_pause_seconds")
	job, _ := l.Job(orders)
	require.Equal(t, "a.Timeout: too slow", job.Checkpoints.LastFailed.Message)
	require.Equal(t, int64(17), job.Checkpoints.Last.ID)
	require.Equal(t, int64(18), job.Checkpoints.Running.ID, "the one that began first")
	require.Equal(t, 155*time.Second, job.Checkpoints.Running.Age)
	require.Equal(t, &snapshot.CheckpointPlan{Interval: 10 * time.Second, Timeout: 10 * time.Minute}, job.Plan)
}

// TestNoCheckpointYet has counts and nothing else.
func TestNoCheckpointYet(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Answer("/jobs/"+l.JobID+"/checkpoints", 200,
		`{"counts":{"total":1,"in_progress":1},"summary":{"end_to_end_duration":{"p50":"NaN","p99":"NaN","max":0}},"latest":{"completed":null,"failed":null,"restored":null}}`)
	l.first()
	l.shows(1, "flink_job_checkpoints_triggered_total")
	l.shows(1, "flink_job_checkpoints_in_progress")
	for _, name := range []string{
		"flink_job_last_checkpoint_duration_seconds",
		"flink_job_checkpoint_duration_seconds_max", "flink_sidecar_signal_unknown",
	} {
		_, ok := l.value(name)
		require.False(t, ok, name)
	}
}

// TestCheckpointsAreNeverTaken has Flink's value for it, a very large interval.
func TestCheckpointsAreNeverTaken(t *testing.T) {
	require.Equal(t, snapshot.CheckpointPlan{Timeout: time.Minute}, checkpointPlan(flink.Settings{
		"interval": "9.223372036854776e+18", "timeout": "60000", "min_pause": "-1",
	}))
}
