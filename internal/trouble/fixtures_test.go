package trouble

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// world is a cluster "prod" with a job "orders" and what a watch says of it. Each poll is
// 15 seconds after the one before.
type world struct {
	*testing.T
	watch *Watch
	state snapshot.State
	now   time.Time
}

const every = 15 * time.Second

var (
	beginning = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	submitted = beginning.Add(-time.Hour)
)

func share(v float64) *snapshot.Share { return &snapshot.Share{Mean: v, Max: v} }

// healthy is a job that reads 100 records/s, with two checkpoints behind it.
func healthy() snapshot.Job {
	return snapshot.Job{
		Name: "orders", ID: "run-1", State: "RUNNING", Known: true, Started: submitted, ReadRate: new(100.0),
		Lifecycle: snapshot.Lifecycle{
			Uptime: new(3600.0), Restarts: new(0.0), Tasks: map[string]int{"RUNNING": 8, "FAILED": 0},
			Plan: &snapshot.CheckpointPlan{Interval: time.Minute, Timeout: 10 * time.Minute},
		},
		Vertices: []snapshot.Vertex{
			{
				ID: "s", Name: "read", Source: true, Parallelism: 2, Pending: new(0.0),
				Busy: share(0.2), Backpressured: share(0.1), Idle: share(0.7),
			},
			{ID: "m", Name: "enrich", Parallelism: 4, Busy: share(0.5), Backpressured: share(0.02), Idle: share(0.48)},
			{ID: "k", Name: "write", Parallelism: 2, Busy: share(0.4), Backpressured: share(0), Idle: share(0.6)},
		},
		Checkpoints: &snapshot.Checkpoints{
			Completed: 2, Last: &snapshot.Checkpoint{ID: 2, Finished: beginning.Add(-10 * time.Second)},
			Durations: &snapshot.Durations{P50: time.Second, P99: 2 * time.Second, Max: 2 * time.Second},
		},
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, watch: NewWatch(), now: beginning, state: snapshot.State{
		Known: true, Cluster: snapshot.Cluster{Name: "prod"}, Jobs: []snapshot.Job{healthy()},
		TaskManagers: []snapshot.TaskManager{{ID: "tm1", Slots: 4}, {ID: "tm2", Slots: 4}},
	}}
	return w
}

// calm polls a healthy cluster twice.
func calm(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.poll().quiet()
	w.poll().quiet()
	return w
}

func (w *world) job() *snapshot.Job { return &w.state.Jobs[0] }

func (w *world) poll() *world {
	w.now = w.now.Add(every)
	w.state.Cluster.Polled = w.now
	for i := range w.state.Jobs {
		w.state.Jobs[i].Now = w.now
	}
	w.watch.Polled(w.state)
	return w
}

// lose takes the TaskManagers from the cluster except these.
func (w *world) lose(kept ...snapshot.TaskManager) { w.state.TaskManagers = kept }

// fail lets the job fail, ago before the next poll.
func (w *world) fail(ago time.Duration, class, taskManager string) {
	job := w.job()
	job.Failures = append(job.Failures, snapshot.Failure{
		At: w.now.Add(every - ago), Class: class, Cause: class + ": why", TaskManager: taskManager,
	})
	job.LastFailure = &job.Failures[len(job.Failures)-1]
	if job.FirstFailure == nil {
		job.FirstFailure = &snapshot.Failure{At: job.LastFailure.At, Class: class, Cause: class + ": why", TaskManager: taskManager}
	}
}

func (w *world) restart() {
	job := w.job()
	job.Restarts, job.Uptime = new(*job.Restarts+1), new(3.0)
}

func (w *world) quiet() {
	w.Helper()
	require.Empty(w, w.watch.List())
}

// one requires exactly one trouble, and returns it.
func (w *world) one(kind Kind) Trouble {
	w.Helper()
	list := w.watch.List()
	require.Len(w, list, 1, "%+v", list)
	require.Equal(w, kind, list[0].Kind)
	require.NotEmpty(w, list[0].What)
	require.NotEmpty(w, list[0].Seen)
	require.NotEmpty(w, list[0].Do)
	return list[0]
}

// pollsUntil polls until a trouble of the kind is there, and requires two polls at most
// since the call.
func (w *world) pollsUntil(kind Kind, change func(poll int)) Trouble {
	w.Helper()
	for poll := 1; poll <= 2; poll++ {
		if change != nil {
			change(poll)
		}
		w.poll()
		for _, t := range w.watch.List() {
			if t.Kind == kind {
				return t
			}
		}
	}
	w.Fatalf("no %s within two polls: %+v", kind, w.watch.List())
	return Trouble{}
}
