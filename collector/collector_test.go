package collector

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const orders = flinktest.JobName

func TestBeforeTheFirstAnswer(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	up, reason := l.Up()
	require.False(t, up)
	require.Empty(t, reason, "it has not been asked yet")
	require.Empty(t, l.Jobs())
	_, known := l.Cluster()
	require.False(t, known)
	l.unknown("flink_cluster_taskmanagers", "")
	_, ok := l.value("flink_sidecar_collector_data_age_seconds")
	require.False(t, ok)
	_, known = l.View(orders).State()
	require.False(t, known)
}

// TestRates has two versions whose sources count differently. The expected rates are
// 3568.6 and 2266.9 records per second, the values of Flink's own meters when the answers
// were captured.
func TestRates(t *testing.T) {
	for version, want := range map[string]struct{ source, out float64 }{
		flinktest.Flink23:  {source: 3568.6, out: 3568.6},
		flinktest.Flink120: {source: 2266.9, out: 2266.9},
	} {
		l := newLab(t, version)
		l.next()
		job, ok := l.Job(orders)
		require.True(t, ok)
		require.InDelta(t, want.source, *job.SourceRate, 0.1)
		require.InDelta(t, want.out, *job.Vertices[0].RecordsOutRate, 0.1)
		subtasks, keyGroups, known := l.View(orders).KeyedVertex()
		require.True(t, known)
		require.Equal(t, []int{4, 128}, []int{subtasks, keyGroups})
		rate, known := l.View(orders).InputRate() // one poll is enough
		require.True(t, known)
		require.InDelta(t, want.source, rate, 0.1)
	}
}

// TestRateUsesTheTimeOfTheFetch has another client start a fetch four seconds before our
// second poll, which then reads values of that age.
func TestRateUsesTheTimeOfTheFetch(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.pass(11 * time.Second)
	_, err := l.client.TaskManagerNames(t.Context())
	require.NoError(t, err)
	l.pass(4 * time.Second)
	require.NoError(t, l.Poll(t.Context()))
	job, _ := l.Job(orders)
	require.InDelta(t, 3568.6, *job.SourceRate, 0.1)
	require.InDelta(t, 168.769+11, *job.Uptime, 1e-9)
}

func TestCountersThatWentBackHaveNoRate(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.next()
	l.SetJobMetric("numRestarts", "1")
	l.SetJobMetric("uptime", "3000")
	l.EditJob(func(job map[string]any) {
		io := job["vertices"].([]any)[0].(map[string]any)["metrics"].(map[string]any)
		io["read-records"] = 10
	})
	require.NoError(t, l.Poll(t.Context()))
	job, _ := l.Job(orders)
	require.Nil(t, job.SourceRate)
	require.InDelta(t, 1, *job.Restarts, 0)
	require.InDelta(t, 3, *job.Uptime, 0)
	require.InDelta(t, 10, *job.SourceRecords, 0)
}

func TestJobs(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	jobs := l.Jobs()
	require.Len(t, jobs, 1)
	job := jobs[0]
	require.Equal(t, orders, job.Name)
	require.Equal(t, l.JobID, job.ID)
	require.Equal(t, flink.JobRunning, job.State)
	require.True(t, job.Known)
	require.Equal(t, int64(1795374352702), job.Started.UnixMilli())
	require.InDelta(t, 168.769, *job.Uptime, 0)
	require.InDelta(t, 726932, *job.SourceRecords, 0)
	require.Equal(t, 17, job.Checkpoints.Completed)
	require.Equal(t, 274*time.Millisecond, job.Checkpoints.Last.Duration)
	require.Equal(t, 1293*time.Millisecond, job.Checkpoints.Last.Age)

	source, enrich := job.Vertices[0], job.Vertices[1]
	require.True(t, source.Source)
	require.False(t, enrich.Source)
	require.Equal(t, 4, enrich.Parallelism)
	require.Equal(t, snapshot.Share{Mean: 0.29325, Max: 0.316}, *enrich.Busy)
	require.Equal(t, snapshot.Share{}, *enrich.Backpressured)
	require.InDelta(t, 734108, *enrich.RecordsOut, 0)

	cluster, known := l.Cluster()
	require.True(t, known)
	require.Equal(t, snapshot.Cluster{
		Name: "lab", Polled: l.Now(), FlinkVersion: "2.3.0", TaskManagers: 2, Slots: 4,
		Running: 1,
	}, cluster)
	taskManagers := l.TaskManagers()
	require.Len(t, taskManagers, 2)
	require.Equal(t, "tm1", taskManagers[0].ID)
	require.InDelta(t, 184012200, *taskManagers[0].HeapUsed, 0)
	require.InDelta(t, 81.19, *taskManagers[1].CPUSeconds, 0)
}

func TestOldFlinkIsToldOnce(t *testing.T) {
	l := newLab(t, flinktest.Flink120)
	l.SetVersion("1.18.1")
	for range 3 {
		l.next()
	}
	cluster, _ := l.Cluster()
	require.False(t, flink.ParseVersion(cluster.FlinkVersion).Profiling())
	require.Equal(t, 1, strings.Count(l.log.String(), "this Flink has no profiler"))
	l.shows(1, "flink_cluster_info", "version", "1.18.1")
	l.shows(1, "flink_job_up", "job", orders)
	l.shows(0.99625, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
}

func TestRunPollsUntilItIsStopped(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.cfg.PollInterval = model.Duration(5 * time.Millisecond)
	l.SetNow(time.Now)
	l.Now = time.Now
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	require.Eventually(t, func() bool {
		n, _ := l.value("flink_sidecar_collector_polls_total", "result", "ok")
		return n >= 3
	}, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

// TestStoppingIsNoFailure stops in the middle of a poll that hangs.
func TestStoppingIsNoFailure(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.Break(flinktest.Hang)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	l.Requests()
	go func() { done <- l.Poll(ctx) }()
	require.Eventually(t, func() bool { return len(l.Requests()) > 0 }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	up, _ := l.Up()
	require.True(t, up)
	l.shows(0, "flink_sidecar_collector_polls_total", "result", "failed")
}

// TestRatesGoByTheTasksOwnClock has the JobManager's metrics fetched some seconds
// before or after those of the tasks, as it happens on a busy machine.
func TestRatesGoByTheTasksOwnClock(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	began, _ := l.Job(orders)
	uptime := *began.Uptime
	for _, ahead := range []float64{5, -5, 0, 7} {
		l.pass(15 * time.Second)
		_, err := l.client.TaskManagerNames(t.Context())
		require.NoError(t, err)
		uptime += 15
		l.SetJobMetric("uptime", fmt.Sprintf("%.0f", (uptime+ahead)*1000))
		require.NoError(t, l.Poll(t.Context()))
		job, _ := l.Job(orders)
		require.InDelta(t, uptime+ahead, *job.Uptime, 1e-6)
		require.InDelta(t, 3568.6, *job.SourceRate, 10, "%g s ahead", ahead)
		// The captured shares of time, by which the replayed clock goes, add up to
		// 99.4 % here.
		require.InEpsilon(t, 3568.6, *job.Vertices[1].RecordsInRate, 0.01)
	}
}

// TestRatesOfUnevenSubtasks has the metrics of one subtask renewed before those of the
// others, and most records go to that one.
func TestRatesOfUnevenSubtasks(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	source := l.Vertices[0]
	for _, name := range []string{"numRecordsInPerSecond", metricnames.IdleTime, metricnames.BackpressuredTime} {
		l.SetMetric(source, name, 0, 0, 0, 0)
	}
	l.SetMetric(source, metricnames.BusyTime, 1, 1, 1, 1) // as good as nothing, but not unknown
	for _, name := range []string{metricnames.BusyTotal, metricnames.BackpressuredTotal} {
		l.SetMetric(source, name, 0, 0, 0, 0)
	}
	fetched := func(seconds, last float64) {
		l.SetMetric(source, metricnames.TaskRecordsIn, 10*seconds, 10*seconds, 10*seconds, 60*last)
		l.SetMetric(source, metricnames.IdleTotal, 1000*seconds, 1000*seconds, 1000*seconds, 1000*last)
	}
	shows := func() {
		t.Helper()
		require.InEpsilon(t, 90, *l.last.jobs[0].vertices[0].readRate, 0.01)
	}
	fetched(100, 100)
	l.first()
	fetched(110, 110)
	l.next()
	shows()
	fetched(110, 120)
	require.NoError(t, l.Poll(t.Context())) // nothing moved by CPU time
	shows()
	fetched(120, 120)
	l.next()
	shows()
}

// TestRatesWithoutAClock has tasks that stop reporting how long they have run: these
// counts have no time.
func TestRatesWithoutAClock(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.next()
	l.Break(flinktest.Status(500), "/subtasks/metrics")
	l.next()
	job, _ := l.Job(orders)
	require.Nil(t, job.SourceRate)
	require.Nil(t, job.Vertices[1].RecordsInRate)
	l.Heal()
	l.next()
	job, _ = l.Job(orders)
	require.InDelta(t, 3568.6, *job.SourceRate, 10)
}

// TestRatesWaitForTaskManagersThatLag has the JobManager's metrics renewed and a
// TaskManager's not: the counters do not change while the uptime grows. That is not a
// rate of 0.
func TestRatesWaitForTaskManagersThatLag(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.next()
	before, _ := l.Job(orders)

	lagging := l.TaskManagers()[0]
	l.SetTaskManagerMetric(lagging.ID, "Status.JVM.CPU.Time", fmt.Sprintf("%.0f", *lagging.CPUSeconds*1e9))
	l.SetJobMetric("uptime", fmt.Sprintf("%.0f", (*before.Uptime+5)*1000))
	require.NoError(t, l.Poll(t.Context()))
	job, _ := l.Job(orders)
	require.Greater(t, *job.Uptime, *before.Uptime)
	require.Equal(t, before.SourceRate, job.SourceRate)
	require.Equal(t, before.Read, job.Read)
}
