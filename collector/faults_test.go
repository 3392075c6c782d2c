package collector

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestFlinkFails goes through the ways in which a whole JobManager fails. The
// page answers all the time; it shows what was known for three intervals and
// then nothing; when Flink is back, so are the values.
func TestFlinkFails(t *testing.T) {
	for name, fault := range map[string]flinktest.Fault{
		"hang":     flinktest.Hang,
		"500":      flinktest.Status(500),
		"401":      flinktest.Status(401),
		"html":     flinktest.HTML,
		"json":     flinktest.OtherJSON,
		"truncate": flinktest.Truncate,
		"trickle":  flinktest.Trickle,
		"huge":     flinktest.Huge,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newImpatientLab(t, flinktest.Flink23, time.Second)
			l.next()
			l.Break(fault)
			l.failsQuickly(15 * time.Second)
			up, reason := l.Up()
			require.False(t, up)
			require.Regexp(t, `^flink: .* \(.+\)$`, reason)
			l.shows(1, "flink_job_up", "job", orders)
			l.shows(15, "flink_sidecar_collector_data_age_seconds")

			l.failsQuickly(31 * time.Second)
			for _, metric := range []string{"flink_job_up", "flink_vertex_busy_ratio", "flink_job_uptime_seconds"} {
				l.unknown(metric, orders)
			}
			l.unknown("flink_cluster_slots", "")
			l.shows(46, "flink_sidecar_collector_data_age_seconds")
			job, ok := l.Job(orders)
			require.True(t, ok)
			require.Equal(t, Job{Name: orders, ID: l.JobID, Started: job.Started}, job)
			_, known := l.View(orders).State()
			require.False(t, known)
			require.Equal(t, TaskManager{ID: "tm2", Slots: 2}, l.TaskManagers()[1])
			_, known = l.Cluster()
			require.False(t, known)

			l.Heal()
			l.next()
			l.shows(1, "flink_job_up", "job", orders)
			l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
			up, _ = l.Up()
			require.True(t, up)
			l.shows(2, "flink_sidecar_collector_polls_total", "result", "failed")
		})
	}
}

// failsQuickly polls a Flink that fails, and scrapes while the poll goes on.
func (l *lab) failsQuickly(after time.Duration) {
	l.t.Helper()
	l.pass(after)
	done := make(chan error)
	go func() { done <- l.Poll(l.t.Context()) }()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.Collector)
	var took []time.Duration
	for {
		began := time.Now()
		_, err := registry.Gather()
		require.NoError(l.t, err)
		took = append(took, time.Since(began))
		select {
		case err := <-done:
			require.Error(l.t, err)
			slices.Sort(took)
			require.Less(l.t, took[len(took)/2], 250*time.Millisecond)
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestUnreachableSaysWhatToDo(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Break(flinktest.HTML)
	require.Error(t, l.Poll(t.Context()))
	_, reason := l.Up()
	require.Equal(t, "flink: "+l.URL+" answers, but is not Flink: /overview gave an HTML page (set flink.url to the JobManager's REST address, usually port 8081)", reason)
	require.Contains(t, l.log.String(), "usually port 8081")
}

func TestMetricsAreMissing(t *testing.T) {
	for name, fault := range map[string]flinktest.Fault{"200 []": flinktest.EmptyMetrics, "NaN": flinktest.NaN} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, flinktest.Flink23)
			l.next()
			l.Break(fault)
			l.next()
			l.shows(1, "flink_job_up", "job", orders)
			l.shows(4, "flink_vertex_parallelism", "vertex_id", l.Vertices[0])
			l.shows(17, "flink_job_checkpoints_total", "status", "completed")
			for _, metric := range []string{
				"flink_vertex_busy_ratio", "flink_vertex_idle_ratio_max", "flink_vertex_backpressured_ratio",
				"flink_job_uptime_seconds", "flink_job_restarts_total",
			} {
				l.unknown(metric, orders)
			}
			for _, metric := range []string{
				"flink_tm_cpu_seconds_total", "flink_tm_gc_seconds_total", "flink_tm_memory_used_bytes", "flink_jm_cpu_seconds_total",
				"flink_cluster_tm_memory_used_bytes", "flink_cluster_tm_threads",
			} {
				l.unknown(metric, "")
			}
			l.Heal()
			l.next()
			l.next()
			l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
		})
	}
}

// TestPartOfAPollFails has single endpoints fail: what they tell is unknown,
// and nothing else.
func TestPartOfAPollFails(t *testing.T) {
	for ending, unknown := range map[string][]string{
		"/checkpoints":      {"flink_job_checkpoints_total", "flink_job_last_checkpoint_duration_seconds"},
		"/subtasks/metrics": {"flink_vertex_busy_ratio", "flink_vertex_pending_records"},
	} {
		t.Run(ending, func(t *testing.T) {
			l := newLab(t, flinktest.Flink23)
			l.first()
			l.Break(flinktest.Status(500), ending)
			l.next()
			for _, metric := range unknown {
				l.unknown(metric, orders)
			}
			l.shows(1, "flink_job_up", "job", orders)
			l.shows(183.769, "flink_job_uptime_seconds", "job", orders)
			l.shows(1, "flink_sidecar_collector_polls_total", "result", "partial")
			up, _ := l.Up()
			require.True(t, up)
			require.Contains(t, l.log.String(), "see the JobManager's log")
		})
	}
}

func TestJobDetailsFail(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Break(flinktest.Status(500), l.JobID)
	l.next()
	l.shows(1, "flink_job_up", "job", orders)
	for _, metric := range []string{"flink_vertex_busy_ratio", "flink_vertex_records_in_total", "flink_vertex_parallelism", "flink_job_source_records_total"} {
		l.unknown(metric, orders)
	}
}

// TestNoCheckpoints has a job that takes none, which is no lack of knowledge.
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
	l.shows(1, "flink_job_state", "state", Gone)
	state, known := l.View(orders).State()
	require.True(t, known)
	require.Equal(t, Gone, state)
	_, ok := l.value("flink_vertex_busy_ratio")
	require.False(t, ok)
	_, ok = l.value("flink_sidecar_signal_unknown", "job", orders)
	require.False(t, ok, "of a job that is gone nothing is expected")

	l.pass(time.Hour)
	l.next()
	_, ok = l.value("flink_job_up", "job", orders)
	require.False(t, ok)
	require.Empty(t, l.Jobs())
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
	for _, metric := range []string{"flink_job_uptime_seconds", "flink_vertex_busy_ratio", "flink_vertex_records_in_total", "flink_job_source_records_total"} {
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

func TestIncompleteVertexIsUnknown(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.SetMetric(l.Vertices[1], busyTime, 500, 500, 500) // of four subtasks
	l.SetMetric(l.Vertices[1], idleTime, 500, 500, 500)
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
