package trouble

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestNoTroubleWhereNothingIsWrong: each case changes a healthy cluster poll by poll, as
// it looks when people do what they should. No poll may show a trouble.
func TestNoTroubleWhereNothingIsWrong(t *testing.T) {
	for name, change := range map[string]func(w *world, poll int){
		"a healthy job": func(w *world, poll int) {
			w.job().ReadRate = new(100 + float64(poll))
			w.job().Checkpoints.Running = &snapshot.RunningCheckpoint{Age: 3 * time.Second}
		},
		"a first start":                             firstStart,
		"a planned rescale, Flink 2":                func(w *world, poll int) { rescale(w, poll, false) },
		"a planned rescale, counted as restart":     func(w *world, poll int) { rescale(w, poll, true) },
		"a batch job that finishes":                 batch,
		"a source without input":                    idleSource,
		"a job that is cancelled on purpose":        func(w *world, poll int) { end(w, poll, "CANCELED") },
		"a job that is stopped with a savepoint":    func(w *world, poll int) { end(w, poll, "FINISHED") },
		"a job that is submitted anew":              resubmit,
		"a TaskManager that was idle goes":          idleTaskManager,
		"a rescale that takes its TaskManager":      rescaleAtOnce,
		"an idle TaskManager goes as the job fails": idleAndFailure,
		"a failure long after a TaskManager went":   lateFailure,
		"failures of a while ago":                   pastFailures,
		"a JobManager that restarts":                jobManagerRestarts,
		"a session cluster that forgets its job":    func(w *world, poll int) { w.state.Jobs = w.state.Jobs[:min(1, 1/poll)] },
		"one failure, and one checkpoint with it":   oneFailure,
		"an answer without details":                 func(w *world, _ int) { *w.job() = bare() },
		"an unknown state":                          func(w *world, _ int) { w.state.Known = false; stall(w.job()) },
		"Flink's metrics stand still":               func(w *world, _ int) { w.state.Cluster.MetricsFrozen = true; *w.job() = bare() },
		"a stalled moment while records are read":   func(w *world, _ int) { stall(w.job()); w.job().ReadRate = new(1.0) },
		"a savepoint in the middle of the night":    func(w *world, _ int) { w.job().Checkpoints.Running = nil },
		"a job that is restarted with other memory": resubmit,
	} {
		t.Run(name, func(t *testing.T) {
			w := calm(t)
			for poll := 1; poll <= 20; poll++ {
				change(w, poll)
				w.poll()
				require.Empty(t, w.watch.List(), "at poll %d", poll)
			}
			require.Empty(t, w.watch.TakeNews())
		})
	}
}

// bare is a job of which only the state was answered.
func bare() snapshot.Job {
	return snapshot.Job{Name: "orders", ID: "run-1", State: "RUNNING", Known: true, Started: submitted}
}

// firstStart has a new job that deploys, reads its state, and finds its input.
func firstStart(w *world, poll int) {
	job := healthy()
	job.ID, job.Started, job.Uptime = "run-2", w.now, new(float64(poll)*every.Seconds())
	job.Checkpoints = &snapshot.Checkpoints{Running: &snapshot.RunningCheckpoint{Age: time.Duration(poll) * every}}
	switch {
	case poll == 1:
		job.State, job.Tasks, job.ReadRate, job.Vertices = "CREATED", nil, nil, nil
	case poll < 5:
		stall(&job)
		job.Tasks = map[string]int{"RUNNING": 4, "INITIALIZING": 4}
	case poll == 5:
		job.Vertices[0].Pending, job.ReadRate = new(90_000.0), new(0.0)
	default:
		job.Vertices[0].Pending = new(90_000.0)
	}
	if poll > 10 {
		job.Checkpoints = healthy().Checkpoints
	}
	job.Started = beginning
	*w.job() = job
}

// rescale takes half of the parallelism away; the TaskManager that is idle then goes two
// polls later.
func rescale(w *world, poll int, counted bool) {
	job := w.job()
	switch poll {
	case 1:
		job.State, job.Tasks, job.ReadRate = "RESTARTING", map[string]int{"CREATED": 8}, nil
		job.Checkpoints.Failed, job.Checkpoints.LastFailed = 1, &snapshot.FailedCheckpoint{ID: 3, Failed: w.now}
	case 2:
		job.State, job.Tasks, job.Uptime = "RUNNING", map[string]int{"RUNNING": 2, "INITIALIZING": 2}, new(1.0)
		if counted {
			job.Restarts = new(*job.Restarts + 1)
		} else {
			job.Rescales = new(1.0)
		}
		for i := range job.Vertices {
			job.Vertices[i].Parallelism /= 2
		}
		w.state.TaskManagers[1].FreeSlots = 4
	case 3:
		job.Tasks, job.ReadRate = map[string]int{"RUNNING": 4}, new(80.0)
	case 4:
		w.lose(left)
	}
}

// batch has a source that finishes, then the rest.
func batch(w *world, poll int) {
	job := w.job()
	job.Checkpoints = nil
	switch poll {
	case 2:
		job.Tasks = map[string]int{"RUNNING": 6, "FINISHED": 2}
		job.ReadRate = new(0.0)
		job.Vertices[0].Busy, job.Vertices[0].Backpressured, job.Vertices[0].Pending = nil, nil, nil
	case 6:
		job.State, job.Tasks, job.ReadRate = "FINISHED", nil, nil
		w.lose()
	}
}

// idleSource has nothing to read for a long time.
func idleSource(w *world, _ int) {
	w.job().ReadRate = new(0.0)
	w.job().Vertices[0].Pending, w.job().Vertices[0].Backpressured = new(0.0), share(0)
	w.job().Vertices[0].Busy = share(0)
}

// end stops the job on purpose; its TaskManagers go with it.
func end(w *world, poll int, state string) {
	job := w.job()
	switch poll {
	case 1:
		job.State, job.Tasks = "CANCELLING", map[string]int{"CANCELING": 8}
		job.ReadRate = new(0.0)
		job.Checkpoints.Failed, job.Checkpoints.LastFailed = 1, &snapshot.FailedCheckpoint{ID: 3, Failed: w.now}
	case 2:
		job.State, job.Tasks, job.ReadRate, job.Vertices, job.Checkpoints = state, nil, nil, nil, nil
		w.lose()
	}
}

// resubmit replaces the cluster under the same name: other TaskManagers, another run.
func resubmit(w *world, poll int) {
	if poll == 1 {
		*w.job() = healthy()
		w.job().ID, w.job().Started, w.job().Uptime = "run-2", w.now, new(5.0)
		w.job().ReadRate, w.job().Restarts = nil, nil
		w.lose(snapshot.TaskManager{ID: "new-1", Slots: 4}, snapshot.TaskManager{ID: "new-2", Slots: 4})
		return
	}
	w.job().ReadRate, w.job().Restarts = new(100.0), new(0.0)
}

// idleTaskManager has one that runs nothing; it is released.
func idleTaskManager(w *world, poll int) {
	w.state.TaskManagers = []snapshot.TaskManager{left, {ID: "tm2", Slots: 4, FreeSlots: 4}}
	if poll > 1 {
		w.lose(left)
	}
}

// rescaleAtOnce has the job at half of its size, and a TaskManager less, at the next poll.
func rescaleAtOnce(w *world, poll int) {
	if poll == 1 {
		w.restart()
		for i := range w.job().Vertices {
			w.job().Vertices[i].Parallelism /= 2
		}
		w.lose(left)
	}
}

// idleAndFailure has a TaskManager that ran nothing for five minutes.
func idleAndFailure(w *world, poll int) {
	w.state.TaskManagers = []snapshot.TaskManager{left, {ID: "tm2", Slots: 4, FreeSlots: 4}}
	if poll == 19 {
		w.fail(time.Second, "a.B", "tm1")
	}
	if poll >= 19 {
		w.lose(left)
	}
}

// lateFailure has a TaskManager go unnoticed, and a failure three minutes later.
func lateFailure(w *world, poll int) {
	w.lose(left)
	if poll == 13 {
		w.fail(time.Second, "a.B", "tm1")
	}
}

// pastFailures are three within ten minutes, the last six minutes ago.
func pastFailures(w *world, poll int) {
	if poll == 1 {
		for i := range 3 {
			w.fail(time.Duration(8-i)*time.Minute, "a.B", "tm1")
		}
	}
}

// jobManagerRestarts and takes the job up again: its TaskManagers register one by one.
func jobManagerRestarts(w *world, poll int) {
	switch poll {
	case 1:
		w.job().Started, w.job().State, w.job().Tasks = w.now, "CREATED", nil
		w.lose()
	case 3:
		w.job().State, w.job().Tasks = "RUNNING", map[string]int{"RUNNING": 8}
		w.lose(left, snapshot.TaskManager{ID: "tm2", Slots: 4})
	}
}

// oneFailure has a task fail once; the job restarts, and the checkpoint of that moment is
// lost.
func oneFailure(w *world, poll int) {
	switch poll {
	case 1:
		w.fail(time.Second, "a.B", "tm1")
		w.job().State, w.job().ReadRate = "RESTARTING", nil
		w.failCheckpoint(3)
	case 2:
		w.restart()
		w.job().State, w.job().ReadRate = "RUNNING", new(100.0)
	case 4:
		w.job().Checkpoints.Last = &snapshot.Checkpoint{ID: 4, Finished: w.now}
	}
}
