package trouble

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

var left = snapshot.TaskManager{ID: "tm1", Slots: 4}

// TestATaskManagerIsGone: which, since when, and the restarts that it caused.
func TestATaskManagerIsGone(t *testing.T) {
	w := calm(t)
	w.lose(left)
	w.fail(5*time.Second, "a.Lost", "tm2")
	w.job().State = "RESTARTING"
	w.restart()
	found := w.pollsUntil(TaskManagerGone, nil)
	require.Equal(t, "tm2", found.Subject)
	require.Equal(t, "orders", found.Job)
	require.Equal(t, w.now, found.Since)
	require.Equal(t, `TaskManager tm2 is gone, 1 of 2 are left; job "orders" restarted once since and is RESTARTING`,
		found.Seen)

	w.restart()
	w.fail(0, "a.NoSlots", "")
	w.poll()
	require.Contains(t, w.one(TaskManagerGone).Seen, "restarted 2 times since and is RESTARTING")
	w.job().State = "RUNNING"
	w.poll()
	w.one(TaskManagerGone) // the job runs again, but the TaskManager is not replaced
	w.lose(left, snapshot.TaskManager{ID: "tm3", Slots: 4})
	w.poll().quiet()
	require.Equal(t, beginning.Add(3*every), found.Since)
}

// TestALossIsSeenWithoutMetrics has a frozen metric store, and a job that failed before
// its TaskManager left the list.
func TestALossIsSeenWithoutMetrics(t *testing.T) {
	w := calm(t)
	w.fail(5*time.Second, "a.Lost", "tm2")
	w.job().State, w.job().Restarts = "RESTARTING", nil
	w.state.TaskManagers[0].FreeSlots, w.state.TaskManagers[1].FreeSlots = 4, 4
	w.poll().quiet()
	w.lose(snapshot.TaskManager{ID: "tm1", Slots: 4, FreeSlots: 4})
	w.poll()
	require.Contains(t, w.one(TaskManagerGone).Seen, "restarted once since")
}

// TestALossMadeGoodAtOnceIsTold for one poll, so that its episode has a beginning.
func TestALossMadeGoodAtOnceIsTold(t *testing.T) {
	w := calm(t)
	w.lose(left, snapshot.TaskManager{ID: "tm3", Slots: 4})
	w.fail(5*time.Second, "a.Lost", "tm2")
	w.restart()
	w.poll()
	w.one(TaskManagerGone)
	w.poll().quiet()
	news := w.watch.TakeNews()
	require.Len(t, news, 2)
	require.Zero(t, news[0].Ended)
	require.Equal(t, w.now, news[1].Ended)
	require.Equal(t, "taskmanager-gone", news[0].Rule())
	require.Empty(t, w.watch.TakeNews())
}

// TestATaskManagerThatComesBack under its id between two polls is told by its new port.
func TestATaskManagerThatComesBack(t *testing.T) {
	w := newWorld(t)
	w.state.TaskManagers[1].DataPort = 38139
	w.poll().poll().quiet()
	w.fail(5*time.Second, "a.Lost", "tm1")
	w.restart()
	w.lose(left, snapshot.TaskManager{ID: "tm2", Slots: 4, DataPort: 40001})
	w.poll()
	require.Equal(t, "TaskManager restarted", w.one(TaskManagerGone).What)
	require.Equal(t, `TaskManager tm2 restarted; job "orders" restarted once since and is RUNNING`, w.one(TaskManagerGone).Seen)
	w.poll().quiet()

	w.lose(left, snapshot.TaskManager{ID: "tm2", Slots: 4}) // the port is unknown
	w.fail(5*time.Second, "a.Other", "tm1")
	w.poll().quiet()
}

// TestOldFailuresAreNotOfALoss though the poll before it did not read them.
func TestOldFailuresAreNotOfALoss(t *testing.T) {
	w := calm(t)
	for i := range 2 {
		w.job().Failures = append(w.job().Failures, snapshot.Failure{At: w.now.Add(time.Duration(i-9) * time.Minute), Cause: "old"})
	}
	w.fail(5*time.Second, "a.Lost", "tm2")
	w.restart()
	w.lose(left)
	w.poll()
	require.Contains(t, w.watch.List()[1].Seen, "restarted once since")
	require.Equal(t, RestartLoop, w.watch.List()[0].Kind, "three failures of which the loss explains one")
}

// TestAFailureTellsALoss where the job runs again before the next poll, and no metric says
// that it restarted.
func TestAFailureTellsALoss(t *testing.T) {
	w := calm(t)
	w.lose(left)
	w.fail(5*time.Second, "a.Lost", "tm2")
	w.job().Restarts = nil
	w.poll()
	require.Contains(t, w.one(TaskManagerGone).Seen, "restarted once since and is RUNNING")
}

// TestALossHitsASecondJobLater, and keeps its identity.
func TestALossHitsASecondJobLater(t *testing.T) {
	w := newWorld(t)
	second := healthy()
	second.Name, second.ID = "payments", "run-2"
	w.state.Jobs = append(w.state.Jobs, second)
	w.poll().quiet()
	w.state.TaskManagers = append(w.state.TaskManagers, snapshot.TaskManager{ID: "tm3", Slots: 4})
	w.poll().quiet()
	w.lose(left)
	w.job().State = "RESTARTING"
	w.poll()
	began := w.one(TaskManagerGone)
	require.Equal(t, "orders", began.Job)
	w.state.TaskManagers = append(w.state.TaskManagers, snapshot.TaskManager{ID: "tm4", Slots: 4})
	w.poll()
	w.lose(left)
	w.state.Jobs[1].State = "RESTARTING"
	w.poll()
	require.Empty(t, w.one(TaskManagerGone).Job, "it is about two jobs now")
	w.state.Jobs[0].State, w.state.Jobs[1].State = "RUNNING", "RUNNING"
	w.lose(left, snapshot.TaskManager{ID: "tm5", Slots: 4}, snapshot.TaskManager{ID: "tm6", Slots: 4})
	w.poll().quiet()
	news := w.watch.TakeNews()
	require.Len(t, news, 2)
	require.Equal(t, began.ID(), news[1].ID(), "its end belongs to its beginning")
	require.Equal(t, began.Since, news[1].Since)
}

// TestFewerTaskManagersBecomeNormal when the jobs have run on them for an hour.
func TestFewerTaskManagersBecomeNormal(t *testing.T) {
	w := calm(t)
	w.lose(left)
	w.restart()
	for range int(accepted / every) {
		w.poll()
		w.one(TaskManagerGone)
	}
	w.poll().quiet()
}

func TestManyLossesAreOneTrouble(t *testing.T) {
	w := newWorld(t)
	w.lose()
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		w.state.TaskManagers = append(w.state.TaskManagers, snapshot.TaskManager{ID: id, Slots: 4})
	}
	w.poll().quiet()
	w.lose()
	w.job().State = "RESTARTING"
	w.poll()
	require.Equal(t, "a, b, c and 2 more", w.one(TaskManagerGone).Subject)
}

// TestAStalledJob: a blocked source, and the vertex that it waits for.
func TestAStalledJob(t *testing.T) {
	w := calm(t)
	stall(w.job())
	found := w.pollsUntil(JobStalled, nil)
	require.Equal(t, "write", found.Subject)
	require.Equal(t, "k", found.Vertex)
	require.Equal(t, `job "orders" is RUNNING but reads 0 records/s: its source was backpressured for 99 % of the last minute `+
		`and waits for "write", which is busy for 100 %`, found.Seen)

	w.job().ReadRate = nil // frozen: no data is no success
	w.poll()
	w.one(JobStalled)
	*w.job() = healthy()
	w.poll().quiet()
}

// stall lets the sink of a job stand still.
func stall(job *snapshot.Job) {
	job.ReadRate = new(0.0)
	job.Vertices[0].Busy, job.Vertices[0].Backpressured, job.Vertices[0].Pending = share(0), share(0.99), nil
	job.Vertices[1].Busy, job.Vertices[1].Backpressured = share(0.1), share(0.9)
	job.Vertices[2].Busy = share(1)
}

// TestTheVertexDownstreamLimits: also while none is busy, as a sink that waits
// asynchronously.
func TestTheVertexDownstreamLimits(t *testing.T) {
	job := healthy()
	stall(&job)
	job.Vertices[2].Busy = share(0.01)
	found, ok := limiting(job)
	require.True(t, ok)
	require.Equal(t, "k", found.ID)

	job.Vertices[1].Backpressured, job.Vertices[1].Busy = share(0.1), share(0.9)
	found, ok = limiting(job)
	require.True(t, ok)
	require.Equal(t, "m", found.ID)

	_, ok = limiting(snapshot.Job{Vertices: job.Vertices[:1]})
	require.False(t, ok)
}

// TestASourceDoesNotRead although it is free to and input waits.
func TestASourceDoesNotRead(t *testing.T) {
	w := calm(t)
	w.job().ReadRate, w.job().Vertices[0].Pending = new(0.0), new(5000.0)
	found := w.pollsUntil(JobStalled, nil)
	require.Equal(t, "read", found.Subject)
	require.Contains(t, found.Seen, "5000 records wait")

	w.job().Vertices[0].Pending = nil
	w.poll()
	w.one(JobStalled)
	w.job().Vertices[0].Pending = new(0.0)
	w.poll().quiet()
}

// TestAStalledJobThatTrickles: an aborted checkpoint sets a few records free, and the
// job is stalled again. Two polls with reading, or a source that is free, end it.
func TestAStalledJobThatTrickles(t *testing.T) {
	w := calm(t)
	stall(w.job())
	began := w.pollsUntil(JobStalled, nil).Since
	w.job().ReadRate = new(12.34)
	w.poll()
	require.Contains(t, w.one(JobStalled).Seen, "is RUNNING but was stalled, and read 12.3 records/s since the last poll: its source")
	w.job().ReadRate = new(0.0)
	w.poll()
	require.Contains(t, w.one(JobStalled).Seen, "reads 0 records/s")
	require.Equal(t, began, w.one(JobStalled).Since)
	w.job().ReadRate = new(12.34)
	w.poll()
	w.one(JobStalled)
	w.poll().quiet()
}

// TestASourceThatWasHeldBack for most of a minute in which the load jumped is not said to
// be free, and one that was held back for less is not either.
func TestASourceThatWasHeldBack(t *testing.T) {
	w := calm(t)
	stall(w.job())
	w.job().Vertices[0].Pending, w.job().Vertices[0].Blocked = new(5000.0), false
	w.job().Vertices[0].Backpressured = share(0.7)
	require.Contains(t, w.pollsUntil(JobStalled, nil).Seen, `backpressured for 70 % of the last minute and waits for "write"`)
	w.job().Vertices[0].Backpressured = share(0.2)
	w.poll()
	require.Contains(t, w.one(JobStalled).Seen, "5000 records wait at its source, which was backpressured for only 20 % of "+
		"the last minute")
}

// TestFewRecordsWait: the markers of transactions are never read, but a number that grows
// means that records come.
func TestFewRecordsWait(t *testing.T) {
	w := calm(t)
	w.job().ReadRate, w.job().Vertices[0].Pending = new(0.0), new(4.0)
	w.poll()
	w.one(JobStalled) // it was 0 before
	w.poll()
	w.one(JobStalled) // none has been read since
	idle := newWorld(t)
	idle.job().ReadRate, idle.job().Vertices[0].Pending = new(0.0), new(4.0)
	for range 4 {
		idle.poll().quiet()
	}
}

// TestABlockedSourceIsFree ends the trouble also where a source does not say what waits.
func TestABlockedSourceIsFree(t *testing.T) {
	w := calm(t)
	stall(w.job())
	w.poll()
	w.one(JobStalled)
	w.job().Vertices[0].Backpressured = share(0)
	w.poll().quiet()
}

// TestAJobRestartsInALoop: the first cause, the newest cause, the count.
func TestAJobRestartsInALoop(t *testing.T) {
	w := calm(t)
	w.fail(14*time.Second, "a.First", "tm2")
	w.restart()
	w.poll().quiet()
	w.fail(10*time.Second, "a.Second", "tm1")
	w.restart()
	w.poll().quiet()
	w.fail(10*time.Second, "a.Third", "tm1") // this makes it a loop
	w.restart()
	found := w.pollsUntil(RestartLoop, nil)
	require.Equal(t, `job "orders" failed 3 times within 34 s and is RUNNING; first cause: First: why on tm2; newest `+
		`cause: Third: why on tm1`, found.Seen)

	for range 20 { // longer than Flink's memory
		w.fail(10*time.Second, "a.More", "tm1")
		w.job().Failures = w.job().Failures[max(0, len(w.job().Failures)-16):]
		w.poll()
	}
	require.Contains(t, w.one(RestartLoop).Seen, "failed 23 times")
	require.Contains(t, w.one(RestartLoop).Seen, "first cause: First")
	known := w.job().Failures
	w.job().Failures, w.job().Tasks = nil, nil
	for range 40 {
		w.poll()
		w.one(RestartLoop) // nobody knows
	}
	w.job().Failures = known
	w.job().Tasks = map[string]int{"RUNNING": 8}
	w.poll().quiet()
}

// TestALostTaskManagerIsNoLoop: until Flink notices the loss, it deploys to the dead process
// again and again, and each attempt fails.
func TestALostTaskManagerIsNoLoop(t *testing.T) {
	w := calm(t)
	w.fail(12*time.Second, "a.Closed", "tm1")
	for ago := range 5 {
		w.fail(time.Duration(10-2*ago)*time.Second, "a.Unreachable", "tm2")
	}
	w.job().State = "RESTARTING"
	w.poll().quiet()
	w.poll()
	require.Contains(t, w.one(RestartLoop).Seen, "failed 6 times within 10 s") // all that is known so far

	w.fail(14*time.Second, "a.Unreachable", "tm2")
	w.lose(left)
	w.job().State = "RUNNING"
	w.poll()
	w.one(TaskManagerGone)
	w.lose(left, snapshot.TaskManager{ID: "tm3", Slots: 4})
	w.poll().quiet()
	w.fail(10*time.Second, "a.Second", "tm1")
	w.poll().quiet() // with the loss, the job failed twice
	w.fail(10*time.Second, "a.Third", "tm1")
	w.poll()
	require.Contains(t, w.one(RestartLoop).Seen, "newest cause: Third")
}

// TestALoopMayKillTaskManagers: each loss is a failure.
func TestALoopMayKillTaskManagers(t *testing.T) {
	w := calm(t)
	for i := range 3 {
		w.quiet()
		w.fail(5*time.Second, "a.Closed", "tm1")
		w.lose(left)
		w.poll()
		w.lose(left, snapshot.TaskManager{ID: "new" + strconv.Itoa(i), Slots: 4})
		w.poll()
	}
	require.Contains(t, w.one(RestartLoop).Seen, "failed 3 times")
}

// TestALoopIsSeenAfterAStart of the sidecar in the middle of it: Flink remembers.
func TestALoopIsSeenAfterAStart(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.fail(time.Duration(5-i)*time.Minute, "a.B", "")
	}
	w.job().State = "RESTARTING"
	found := w.pollsUntil(RestartLoop, nil)
	require.Contains(t, found.Seen, "failed 5 times within 4 min and is RESTARTING")

	w.job().State = "FAILED"
	w.poll()
	require.Contains(t, w.one(RestartLoop).Seen, "gave up: it is FAILED")
	w.job().ID, w.job().State = "run-2", "RUNNING"
	w.job().Failures, w.job().LastFailure, w.job().FirstFailure = nil, nil, nil
	w.poll().quiet()
}

// TestTheFirstCauseMayBeOld: the series began before the last ten minutes.
func TestTheFirstCauseMayBeOld(t *testing.T) {
	w := newWorld(t)
	w.fail(time.Hour, "a.First", "tm2")
	for i := range 4 {
		w.fail(time.Duration(4-i)*time.Minute, "a.NoSlots", "")
	}
	w.job().State = "RESTARTING"
	require.Contains(t, w.pollsUntil(RestartLoop, nil).Seen, "first cause: First: why on tm2; newest cause: NoSlots")
}

// TestAJobThatIsForgotten has no trouble any more.
func TestAJobThatIsForgotten(t *testing.T) {
	w := calm(t)
	stall(w.job())
	w.poll()
	w.one(JobStalled)
	w.state.Jobs = nil
	w.poll().quiet()
}

// TestCheckpointsFail in a row.
func TestCheckpointsFail(t *testing.T) {
	w := calm(t)
	w.failCheckpoint(3)
	w.poll().quiet() // one may fail with a restart
	w.failCheckpoint(4)
	found := w.pollsUntil(CheckpointsFailing, nil)
	require.Equal(t, `2 checkpoints of job "orders" failed in a row, and the last one that completed is 1 min 10 s old; `+
		`the last failed because: expired before completing`, found.Seen)

	checkpoints := w.job().Checkpoints
	w.job().Checkpoints = nil
	w.poll()
	w.one(CheckpointsFailing)
	w.job().Checkpoints = checkpoints
	checkpoints.Last = &snapshot.Checkpoint{ID: 5, Finished: w.now}
	w.poll().quiet()

	w.job().Checkpoints = &snapshot.Checkpoints{Failed: 3, LastFailed: &snapshot.FailedCheckpoint{ID: 3}}
	w.poll()
	require.Contains(t, w.one(CheckpointsFailing).Seen, "3 checkpoints of job \"orders\" failed in a row, and none has "+
		"completed yet")
}

func (w *world) failCheckpoint(id int64) {
	c := w.job().Checkpoints
	c.Failed++
	c.LastFailed = &snapshot.FailedCheckpoint{ID: id, Failed: w.now, Message: "expired before completing"}
	c.Last.Age = 70 * time.Second
}

// TestACheckpointTakesTooLong: the limit is the job's own, within a minute and half of the
// timeout.
func TestACheckpointTakesTooLong(t *testing.T) {
	w := calm(t)
	run := func(age time.Duration) *snapshot.RunningCheckpoint {
		return &snapshot.RunningCheckpoint{ID: 3, Age: age, Acknowledged: 6, Subtasks: 8}
	}
	w.job().Checkpoints.Running = run(time.Minute)
	w.poll().quiet()
	w.job().Checkpoints.Running = run(61 * time.Second)
	found := w.pollsUntil(CheckpointSlow, nil)
	require.Equal(t, `checkpoint 3 of job "orders" has been running for 1 min 1 s, and 1 min is long for this job; 6 of 8 `+
		`subtasks have acknowledged it`, found.Seen)

	w.failCheckpoint(3) // it expires, and the next one is as slow, but young
	w.job().Checkpoints.Running = run(10 * time.Second)
	w.poll()
	require.Equal(t, `a checkpoint of job "orders" took too long and failed, and none has completed since; the last failed `+
		`because: expired before completing`, w.one(CheckpointSlow).Seen)
	w.job().Checkpoints.Last = &snapshot.Checkpoint{ID: 4, Finished: w.now.Add(time.Second)}
	w.poll().quiet()

	w.job().Checkpoints.Durations.P99 = time.Minute
	w.poll().quiet()
	w.job().Checkpoints.Running = run(181 * time.Second)
	w.poll()
	w.one(CheckpointSlow)
	w.job().Checkpoints.Running = nil
	w.poll().quiet()

	for _, test := range []struct {
		plan  *snapshot.CheckpointPlan
		usual *snapshot.Durations
		want  time.Duration
	}{
		{nil, nil, 5 * time.Minute},
		{&snapshot.CheckpointPlan{Timeout: 2 * time.Minute}, nil, time.Minute},
		{&snapshot.CheckpointPlan{Timeout: time.Minute}, &snapshot.Durations{P99: time.Second}, 30 * time.Second},
		{&snapshot.CheckpointPlan{Timeout: time.Hour}, &snapshot.Durations{P99: 4 * time.Minute}, 12 * time.Minute},
		{nil, &snapshot.Durations{P99: 4 * time.Minute}, 5 * time.Minute},
	} {
		job := snapshot.Job{Checkpoints: &snapshot.Checkpoints{Durations: test.usual}}
		job.Plan = test.plan
		require.Equal(t, test.want, slowAfter(job))
	}
}

// TestATargetIsDown, and is not up again because nobody knows.
func TestATargetIsDown(t *testing.T) {
	w := NewWatch()
	up, down := true, false
	w.Targets([]Target{{Name: "flink", Cluster: "prod"}, {Name: "kafka", Up: &up}}, beginning)
	require.Empty(t, w.List())
	kafka := Target{Name: "kafka", Up: &down, Since: beginning.Add(time.Second), Problems: []string{"kafka: no broker answers (start it)"}}
	flink := Target{Name: "flink", Cluster: "prod", Up: &down}
	other := Target{Name: "prometheus", Up: &down}
	w.Targets([]Target{kafka, flink, other}, beginning.Add(every-DownFor))
	w.Targets([]Target{kafka, flink, other}, beginning.Add(every-time.Second))
	require.Len(t, w.List(), 1, "one request may fail; Kafka has said itself that it is down for longer")
	w.Targets([]Target{kafka, flink, other}, beginning.Add(every))
	list := w.List()
	require.Len(t, list, 3)
	require.Equal(t, []string{"flink of prod is down", "kafka is down", "prometheus is down"},
		[]string{list[0].What, list[1].What, list[2].What})
	require.Equal(t, "no broker answers (start it); the probe cannot send or see records", list[1].Seen)
	require.Equal(t, beginning.Add(time.Second), list[1].Since)
	require.Equal(t, beginning.Add(every-DownFor), list[0].Since)
	rules := map[string]bool{}
	for _, n := range w.TakeNews() {
		rules[n.Rule()] = true
	}
	require.Equal(t, map[string]bool{"flink-down": true, "kafka-down": true, "prometheus-down": true}, rules)

	kafka.Up = nil
	w.Targets([]Target{kafka}, beginning.Add(2*every))
	require.Len(t, w.List(), 3)
	kafka.Up, flink.Up, other.Up = &up, &up, &up
	w.Targets([]Target{kafka, flink, other}, beginning.Add(3*every))
	require.Empty(t, w.List())
	flink.Up = &down
	w.Targets([]Target{flink}, beginning.Add(4*every))
	require.Empty(t, w.List(), "it counts anew")
}
