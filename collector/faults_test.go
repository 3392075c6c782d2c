package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestUnreachableSaysWhatToDo(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Break(flinktest.HTML)
	require.Error(t, l.Poll(t.Context()))
	_, reason := l.Up()
	require.Equal(t, "flink: "+l.URL+" answers, but is not Flink: /overview gave an HTML page "+
		"(set flink.url to the JobManager's REST address, usually port 8081)", reason)
	require.Contains(t, l.log.String(), "usually port 8081")
}

// TestNoCheckpoints has a job that takes none: nothing is unknown.
func TestNoCheckpoints(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Answer("/jobs/"+l.JobID+"/checkpoints", 404, `{"errors":["Checkpointing has not been enabled."]}`)
	l.Answer("/jobs/"+l.JobID+"/checkpoints/config", 404, `{"errors":["Checkpointing has not been enabled."]}`)
	l.next()
	_, ok := l.value("flink_sidecar_signal_unknown", "signal", "flink_job_checkpoints_total")
	require.False(t, ok)
	_, ok = l.value("flink_job_checkpoints_in_progress")
	require.False(t, ok)
	_, known := l.Epoch(orders)
	require.True(t, known)
}

func TestJobManagerForgetsItsJobs(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.ForgetJobs()
	l.next()
	l.shows(0, "flink_job_up", "job", orders)
	l.shows(1, "flink_job_state", "state", snapshot.Gone)
	state, known := l.View(orders).State()
	require.True(t, known)
	require.Equal(t, snapshot.Gone, state)
	_, ok := l.value("flink_vertex_busy_ratio")
	require.False(t, ok)
	_, ok = l.value("flink_sidecar_signal_unknown", "job", orders)
	require.False(t, ok, "of a job that is gone nothing is expected")

	l.pass(time.Hour)
	l.next()
	_, ok = l.value("flink_job_up", "job", orders)
	require.False(t, ok)
	require.Empty(t, l.Jobs())
	l.answersQuickly()
}

func TestRestartingJob(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	before, _ := l.Epoch(orders)
	l.SetJobState("RESTARTING")
	l.SetJobMetric("uptime", "-1")
	l.next()
	l.shows(0, "flink_job_up", "job", orders)
	l.shows(1, "flink_job_state", "state", "RESTARTING")
	for _, metric := range []string{
		"flink_job_uptime_seconds", "flink_vertex_busy_ratio",
		"flink_vertex_records_in_total", "flink_job_source_records_total",
	} {
		l.unknown(metric, orders)
	}
	l.SetJobState("RUNNING")
	l.SetJobMetric("uptime", "0")
	l.next()
	l.shows(1, "flink_job_up", "job", orders)
	l.shows(0.04475, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[0])
	after, _ := l.Epoch(orders)
	require.Equal(t, before, after, "a restart is no new epoch")
}

func TestFinishedVertexHasCountsButNoShares(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.EditJob(func(job map[string]any) {
		source := job["vertices"].([]any)[0].(map[string]any)
		source["tasks"] = map[string]any{"FINISHED": 4}
	})
	l.first()
	l.shows(726932, "flink_vertex_records_out_total", "vertex_id", l.Vertices[0])
	_, ok := l.value("flink_vertex_busy_ratio", "vertex_id", l.Vertices[0])
	require.False(t, ok)
	_, ok = l.value("flink_sidecar_signal_unknown")
	require.False(t, ok)
}

// TestScaledDownInPlace has Flink still report the last values of two removed subtasks,
// as it does.
func TestScaledDownInPlace(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.SetMetric(l.Vertices[1], metricnames.BusyTime, 100, 300, 1000, 1000)
	l.SetMetric(l.Vertices[1], metricnames.IdleTime, 900, 700, 0, 0)
	l.EditJob(func(job map[string]any) {
		vertex := job["vertices"].([]any)[1].(map[string]any)
		vertex["parallelism"], vertex["tasks"] = 2, map[string]any{"RUNNING": 2}
	})
	l.next()
	_, ok := l.value("flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	require.False(t, ok, "who of the four is left is not known yet")
	l.next()
	l.shows(0.2, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	l.shows(0.3, "flink_vertex_busy_ratio_max", "vertex_id", l.Vertices[1])
}

func TestIncompleteVertexIsUnknown(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.SetMetric(l.Vertices[1], metricnames.BusyTime, 500, 500, 500) // of four subtasks
	l.SetMetric(l.Vertices[1], metricnames.IdleTime, 500, 500, 500)
	l.EditJob(func(job map[string]any) {
		io := job["vertices"].([]any)[1].(map[string]any)["metrics"].(map[string]any)
		io["write-records-complete"] = false
	})
	l.next()
	_, ok := l.value("flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	require.False(t, ok)
	_, ok = l.value("flink_vertex_records_out_total", "vertex_id", l.Vertices[1])
	require.False(t, ok)
	for _, metric := range []string{"flink_vertex_busy_ratio", "flink_vertex_records_out_total"} {
		l.shows(1, "flink_sidecar_signal_unknown", "signal", metric, "job", orders)
	}
	l.shows(0.04475, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[0])
}
