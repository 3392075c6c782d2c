package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// finish lets all but the third of four source subtasks finish. Flink remembers what they
// last reported; the one that runs reads 1,000 records per second and works 40 % of the time.
func (l *lab) finish() {
	source := l.Vertices[0]
	l.FinishSubtasks(source, 0, 1, 3)
	for name, value := range map[string]float64{
		"numRecordsIn": 0, "numRecordsOut": 0, "Source__orders_v1_source.numRecordsIn": 0,
		"numRecordsInPerSecond": 1000, "numRecordsOutPerSecond": 1000,
		"Source__orders_v1_source.numRecordsInPerSecond": 1000,
		"busyTimeMsPerSecond":                            400, "idleTimeMsPerSecond": 600, "backPressuredTimeMsPerSecond": 0,
	} {
		l.SetMetric(source, name, 0, 0, value, 0)
	}
	for _, total := range []string{"accumulateBusyTimeMs", "accumulateIdleTimeMs", "accumulateBackPressuredTimeMs"} {
		l.SetMetric(source, total, 90_000, 90_000, 90_000, 90_000)
	}
}

// TestFinishedSubtasksAreNoPartOfMeans has one subtask of four read 1,000 records per
// second while it works 40 % of the time.
func TestFinishedSubtasksAreNoPartOfMeans(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.finish()
	l.next()
	l.next()
	l.next()
	job, ok := l.Job(orders)
	require.True(t, ok)
	require.NotNil(t, job.SourceRate)
	require.InDelta(t, 1000, *job.SourceRate, 1, "not four times that: the clock is of the one that runs")
	source := job.Vertices[0]
	require.InDelta(t, 2500, *source.TrueRate, 1)
	require.InDelta(t, 0.4, source.Busy.Mean, 1e-9, "what finished subtasks last reported is no share of time now")
	require.InDelta(t, 0.4, source.Busy.Max, 1e-9)
	require.InDelta(t, 0.0004, *source.SecondsPerRecord, 1e-6)
}

// TestAFinishIsNoRate has subtasks finish between two polls: their clocks and counters
// differ, so that no rate spans both.
func TestAFinishIsNoRate(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.next()
	before, _ := l.Job(orders)
	require.NotNil(t, before.SourceRate)
	l.finish()
	l.next()
	job, _ := l.Job(orders)
	require.Nil(t, l.last.jobs[0].vertices[0].readRate)
	require.NotNil(t, job.Read)
	require.Greater(t, job.Read.Uptime, before.Read.Uptime, "time goes on")
}

func TestAFinishedSubtaskIsNotSkew(t *testing.T) {
	running := func(index int, records float64) flink.Subtask {
		return flink.Subtask{
			Index: index, Status: "RUNNING", TaskManager: "tm1", Duration: 100_000,
			IO: flink.SubtaskIO{RecordsIn: new(records), BusySeconds: new(records / 1000)},
		}
	}
	finished := running(1, 0)
	finished.Status = "FINISHED"
	detail := detailOf(flink.VertexDetails{Now: 100_000, Subtasks: []flink.Subtask{
		running(0, 50_000), finished,
		running(2, 40_000),
	}}, flink.VertexDetails{}, time.Now())
	require.Len(t, detail.Subtasks, 2)
	require.InDelta(t, 50.0/45, *detail.RecordsSkew, 1e-9, "with a zero in it the median would be 40, or nothing")
}
