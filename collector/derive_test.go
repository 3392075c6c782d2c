package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestDerivedOfAVertex has two subtasks that work a quarter of the time for 100 records
// per second: their capacity is 400, and one record costs 5 ms.
func TestDerivedOfAVertex(t *testing.T) {
	v := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
		Parallelism: 2, RecordsInRate: new(100.0), Busy: &snapshot.Share{Mean: 0.25, Max: 0.4},
		Pending: new(250.0), Watermark: new(990.0),
	}}}
	v.derive(1_000_000, new(1.5))
	require.InDelta(t, 400, *v.TrueRate, 1e-9)
	require.InDelta(t, 0.005, *v.SecondsPerRecord, 1e-12)
	require.InDelta(t, 0.375, *v.Utilization, 1e-12, "half as much again is needed to keep up")
	require.InDelta(t, 2.5, *v.SourceLag, 1e-12)
	require.InDelta(t, 10, *v.WatermarkLag, 1e-9)
}

func TestDerivedIsAbsentWhereItIsNotKnown(t *testing.T) {
	idle := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
		Parallelism: 1,
		Busy:        &snapshot.Share{Mean: 0.005}, RecordsInRate: new(100.0),
	}}}
	idle.derive(0, new(1.0))
	require.Nil(t, idle.TrueRate, "what it could do is noise")
	require.InDelta(t, 0.005, *idle.Utilization, 0)

	var unknown vertexRead
	unknown.derive(1000, nil)
	require.Equal(t, snapshot.Derived{}, unknown.Derived)

	stuck := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
		Parallelism: 1,
		Busy:        &snapshot.Share{Mean: 0.5}, RecordsInRate: new(0.0), Pending: new(5.0),
	}}}
	stuck.derive(0, nil)
	require.Nil(t, stuck.SourceLag, "at this rate it never ends")
	require.Nil(t, stuck.Utilization, "what arrives is not known")
}

// TestSharesThatAreImpossible are of a Flink that lies.
func TestSharesThatAreImpossible(t *testing.T) {
	of := func(busy, most, idle, backpressured float64) flink.Aggregates {
		return flink.Aggregates{
			metricnames.BusyTime: {Avg: busy, Max: most}, metricnames.IdleTime: {Avg: idle, Max: idle},
			metricnames.BackpressuredTime: {Avg: backpressured, Max: backpressured},
		}
	}
	busy, _, _ := shares(of(600, 1010, 300, 100))
	require.Equal(t, &snapshot.Share{Mean: 0.6, Max: 1}, busy, "rounding")
	for name, lie := range map[string]flink.Aggregates{
		"busy above 1": of(1500, 1700, 0, 0), "below 0": of(-5, 100, 900, 0),
		"a mean above the greatest": of(800, 300, 100, 100),
	} {
		busy, idle, backpressured := shares(lie)
		require.Nil(t, busy, name)
		require.Nil(t, idle, name)
		require.Nil(t, backpressured, name)
	}
}

// TestDerivedOnThePage has the captured job: four subtasks, busy for 29.3 % of
// the time, 3,568.6 records per second.
func TestDerivedOnThePage(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.next()
	enrich := l.Vertices[1]
	v := l.last.jobs[0].vertices[1]
	l.shows(*v.RecordsInRate/v.Busy.Mean, "flink_vertex_true_processing_rate", "vertex_id", enrich)
	l.shows(0, "flink_vertex_bottleneck", "vertex_id", enrich)
	l.shows(1, "flink_vertex_busiest", "vertex_id", enrich)
	l.shows(0, "flink_vertex_bottleneck", "vertex_id", l.Vertices[0])
	l.shows(0, "flink_vertex_depth", "vertex_id", l.Vertices[0])
	l.shows(1, "flink_vertex_depth", "vertex_id", enrich)
	rate, ok := l.value("flink_job_source_records_per_second")
	require.True(t, ok)
	require.InDelta(t, 3568.6, rate, 0.1)
	headroom, ok := l.value("flink_job_headroom_ratio")
	require.True(t, ok)
	require.InDelta(t, 1/0.316-1, headroom, 1e-9)
	lag, ok := l.value("flink_vertex_watermark_lag_seconds", "vertex_id", enrich)
	require.True(t, ok)
	require.InDelta(t, 30, lag, 15)
}

// TestDetail has a subtask that does most of the work since the detail before.
func TestDetail(t *testing.T) {
	at := func(now flink.Millis, busy ...float64) (d flink.VertexDetails) {
		d.Now = now
		for i, seconds := range busy {
			d.Subtasks = append(d.Subtasks, flink.Subtask{
				Index: i, TaskManager: "tm", Duration: now,
				IO: flink.SubtaskIO{BusySeconds: new(seconds), RecordsIn: new(10 * seconds)},
			})
		}
		return d
	}
	first := detailOf(at(100_000, 10, 20, 30), flink.VertexDetails{}, time.Unix(1, 0))
	require.InDelta(t, 0.3, *first.Subtasks[2].Busy, 1e-9, "since it started")
	require.InDelta(t, 1.5, *first.BusySkew, 1e-9)

	second := detailOf(at(160_000, 16, 74, 42), at(100_000, 10, 20, 30), time.Unix(61, 0))
	hot, ok := second.Hot()
	require.True(t, ok)
	require.Equal(t, 1, hot.Index)
	require.InDelta(t, 0.9, *hot.Busy, 1e-9)
	require.InDelta(t, 9, *hot.RecordsRate, 1e-9)
	require.InDelta(t, 4.5, *second.BusySkew, 1e-9)
	require.Equal(t, []snapshot.Subtask{second.Subtasks[1], second.Subtasks[2]}, exposition.BusiestSubtasks(second, 2))

	again := at(160_000, 5)
	again.Subtasks[0].Attempt = 1
	again.Subtasks[0].Duration = 10_000
	restarted := detailOf(again, at(100_000, 10), time.Unix(61, 0))
	require.InDelta(t, 0.5, *restarted.Subtasks[0].Busy, 1e-9, "another attempt counts anew")

	unknown := detailOf(flink.VertexDetails{Now: 1000, Subtasks: []flink.Subtask{{}}}, flink.VertexDetails{},
		time.Unix(1, 0))
	require.Nil(t, unknown.BusySkew)
	_, ok = unknown.Hot()
	require.False(t, ok)
}

// TestDetailOfSubtasksWithoutRecords has a hot subtask beside one without records: the
// idle span of the latter has not ended, and counts as work.
func TestDetailOfSubtasksWithoutRecords(t *testing.T) {
	at := func(now flink.Millis, busy, records []float64) (d flink.VertexDetails) {
		d.Now = now
		for i := range busy {
			d.Subtasks = append(d.Subtasks, flink.Subtask{
				Index: i, Duration: now,
				IO: flink.SubtaskIO{BusySeconds: new(busy[i]), RecordsIn: new(records[i])},
			})
		}
		return d
	}
	earlier := at(100_000, []float64{10, 50}, []float64{5, 1000})
	now := at(160_000, []float64{70, 111}, []float64{5, 2000})
	d := detailOf(now, earlier, time.Unix(61, 0))
	require.Nil(t, d.Subtasks[0].Busy)
	hot, ok := d.Hot()
	require.True(t, ok)
	require.Equal(t, 1, hot.Index)
	require.InDelta(t, 1, *hot.Busy, 0, "counters are a little older or younger than the clock")
	require.Nil(t, d.BusySkew)

	earlier.Subtasks[1].IO = flink.SubtaskIO{}
	d = detailOf(now, earlier, time.Unix(61, 0))
	require.Nil(t, d.Subtasks[1].RecordsRate, "what it was a minute ago is not known, and not 0")
	require.Nil(t, d.Subtasks[1].Busy)
}

// TestDetailOncePerMinute counts the requests that go to single subtasks.
func TestDetailOncePerMinute(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	enrich := l.Vertices[1]
	path := "/jobs/" + l.JobID + "/vertices/" + enrich
	asked := 0
	for range 9 { // two minutes, and the third begins
		l.next()
		asked += l.Requests()[path]
	}
	require.Equal(t, 3, asked)
	l.shows(1, "flink_vertex_hot_subtask_info", "vertex_id", enrich)
	l.shows(0.085, "flink_vertex_checkpoint_sync_seconds_max", "vertex_id", enrich)
	l.shows(0.063, "flink_vertex_checkpoint_async_seconds_max", "vertex_id", enrich)
	l.shows(3355498, "flink_vertex_state_size_bytes", "vertex_id", enrich)

	l.Break(flinktest.Status(500), enrich)
	l.Requests()
	asked = 0
	for range 8 {
		l.next()
		asked += l.Requests()[path]
	}
	require.Equal(t, 2, asked, "once a minute also while it fails")
	_, there := l.value("flink_vertex_hot_subtask_info")
	require.False(t, there, "what can't be read again is withdrawn")
}
