package collector

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// lie changes what a Flink reports, at each poll from the sixth on.
type lie struct {
	name string
	tell func(*watched)
	// unknown requires what must be unknown while it lies; nil if nothing must be.
	unknown func(*testing.T, snapshot.Job)
}

func lies() []lie {
	every := func(w *watched, name string, of func(i int) float64) {
		values := make([]float64, 4)
		for i := range values {
			values[i] = of(i)
		}
		w.SetMetric(w.Vertices[1], name, values...)
	}
	noCapacity := func(t *testing.T, job snapshot.Job) {
		require.Nil(t, job.Vertices[1].Busy)
		require.Nil(t, job.Vertices[1].TrueRate)
		require.Nil(t, job.Headroom, "the vertex that lies may be the limit")
		require.Empty(t, job.BottleneckID)
	}
	noRate := func(t *testing.T, job snapshot.Job) {
		require.Nil(t, job.Vertices[1].RecordsInRate)
		require.Nil(t, job.Vertices[1].TrueRate)
	}
	return []lie{
		{"busy above 1", func(w *watched) {
			every(w, metricnames.BusyTime, func(int) float64 { return 1700 })
		}, noCapacity},
		{"one subtask busy above 1", func(w *watched) {
			every(w, metricnames.BusyTime, func(i int) float64 { return 100 + 1000*float64(i/3) })
		}, noCapacity},
		{"busy below 0", func(w *watched) {
			every(w, metricnames.BusyTime, func(int) float64 { return -20 })
		}, noCapacity},
		{"busy is not a number", func(w *watched) {
			every(w, metricnames.BusyTime, func(int) float64 { return math.NaN() })
		}, noCapacity},
		{"counters jump back", func(w *watched) {
			every(w, metricnames.TaskRecordsIn, func(int) float64 { return float64(1000 - len(w.moments)) })
		}, noRate},
		{"a subtask's clock starts anew", func(w *watched) {
			for _, name := range []string{
				metricnames.BusyTotal, metricnames.IdleTotal, metricnames.BackpressuredTotal,
			} {
				every(w, name, func(int) float64 { return 2000 })
			}
		}, noRate},
		{"the accumulated times of one subtask stand still", func(w *watched) {
			for _, name := range []string{
				metricnames.BusyTotal, metricnames.IdleTotal, metricnames.BackpressuredTotal,
			} {
				every(w, name, func(i int) float64 {
					if i == 3 {
						return 30_000
					}
					return 1000 * w.job.Since().Seconds() / 3
				})
			}
		}, nil},
		{"one subtask does not report", func(w *watched) {
			w.SetMetric(w.Vertices[1], metricnames.BusyTime, 100, 100, 100)
			w.SetMetric(w.Vertices[1], metricnames.IdleTime, 900, 900, 900)
			w.SetMetric(w.Vertices[1], metricnames.BackpressuredTime, 0, 0, 0)
		}, noCapacity},
		{"a negative rate", func(w *watched) {
			every(w, metricnames.TaskRecordsInRate, func(int) float64 { return -25 })
		}, noRate},
		{"nothing waits, says a source that stands", func(w *watched) {
			w.SetMetric(w.Vertices[0], metricnames.BackpressuredTime, 1000, 1000, 1000, 1000)
			w.SetMetric(w.Vertices[0], metricnames.IdleTime, 0, 0, 0, 0)
			w.SetMetric(w.Vertices[0], metricnames.BusyTime, 0, 0, 0, 0)
		}, func(t *testing.T, job snapshot.Job) {
			require.Nil(t, job.Vertices[0].Pending)
			require.Nil(t, job.Headroom)
		}},
	}
}

// TestAFlinkThatLies requires that a false answer makes a value unknown and not wrong: the
// sink needs 4/329 s for a record, whatever is said.
func TestAFlinkThatLies(t *testing.T) {
	for _, lie := range lies() {
		t.Run(lie.name, func(t *testing.T) {
			w := watch(t, flinktest.Flink23, &simulate.Job{Vertices: chain(simulate.Steady(100), 2000, 329)})
			for range 6 {
				w.poll()
			}
			for range 6 {
				w.pass(15 * time.Second)
				_, err := w.client.TaskManagerNames(t.Context())
				require.NoError(t, err)
				lie.tell(w)
				require.NoError(t, w.Poll(t.Context()))
				w.moments = append(w.moments, w.truth())
				job, ok := w.Job(flinktest.JobName)
				require.True(t, ok)
				w.agrees(job)
				if lie.unknown != nil {
					lie.unknown(t, job)
				}
				if rate := job.Vertices[1].TrueRate; rate != nil {
					require.InEpsilon(t, 329, *rate, 0.1)
				}
			}
		})
	}
}

// TestAVertexIsReplaced has a job whose second vertex is another one from one poll to the
// next, and TestParallelismChanges one of another parallelism than its metrics are of.
func TestAVertexIsReplaced(t *testing.T) {
	job := &simulate.Job{Vertices: chain(simulate.Steady(100), 2000, 110)}
	w := watch(t, flinktest.Flink23, job)
	for range 8 {
		w.poll()
	}
	seen, _ := w.Job(flinktest.JobName)
	require.Equal(t, vertexID(1), seen.BottleneckID, "91 % busy")
	w.Simulate(&simulate.Job{Vertices: []simulate.Vertex{
		job.Vertices[0],
		{
			ID: vertexID(9), Name: "other", Parallelism: 4, PerRecord: 0.001,
			Inputs: []simulate.Edge{{From: vertexID(0)}},
		},
	}})
	w.next()
	seen, _ = w.Job(flinktest.JobName)
	require.Equal(t, vertexID(9), seen.Vertices[1].ID)
	require.Empty(t, seen.BottleneckID)
	if rate := seen.Vertices[1].TrueRate; rate != nil {
		require.InEpsilon(t, 4000, *rate, 0.1, "of the new one, since it started")
	}
}

// TestAClockThatRunsWrong has one subtask of four whose accumulated times stand still, so
// that the mean clock runs at three quarters of its speed.
func TestAClockThatRunsWrong(t *testing.T) {
	began := time.Unix(1000, 0)
	var m successive.Meter
	for i := range 9 {
		passed := 15 * float64(i)
		now := successive.NewCounts(new(100+0.75*passed), began.Add(time.Duration(passed*float64(time.Second))))
		now.Set(inCounter, new(100*passed))
		m.Update(now)
	}
	require.Nil(t, m.Rate(inCounter), "it seems to be a third more")
	require.Nil(t, m.Read(inCounter))
}

func TestParallelismChanges(t *testing.T) {
	w := watch(t, flinktest.Flink23, &simulate.Job{Vertices: chain(simulate.Steady(100), 2000, 329)})
	for range 8 {
		w.poll()
	}
	w.Misreport(8)
	w.next()
	seen, _ := w.Job(flinktest.JobName)
	for _, v := range seen.Vertices {
		require.Nil(t, v.Busy, "of 8 subtasks 4 report")
		require.Nil(t, v.TrueRate)
	}
	require.Nil(t, seen.Headroom)
	require.Empty(t, seen.BottleneckID)
}
