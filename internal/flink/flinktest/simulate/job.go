package simulate

import (
	"math"
	"slices"
	"time"
)

// Step is the time that the model advances by.
const Step = 250 * time.Millisecond

// Job is a job that runs. Its vertices are in the order of Flink: a vertex comes after
// those that lead to it.
type Job struct {
	Vertices []Vertex
	// Restarts are the moments at which all tasks fail; each takes RestartTakes. What was
	// in the buffers is read again.
	Restarts     []time.Duration
	RestartTakes time.Duration
	// Checkpointing are the checkpoints that the job takes.
	Checkpointing Checkpointing

	subtasks map[string][]*Subtask
	since    time.Duration
	// began is when the present attempt began; restarted is how often there was one.
	began     time.Duration
	down      time.Duration
	restarted int
	// due is when the next checkpoint is triggered.
	due         time.Duration
	checkpoints []*Checkpoint
}

// Start begins the job.
func (j *Job) Start() {
	j.due = j.Checkpointing.Every
	j.subtasks = map[string][]*Subtask{}
	for _, v := range j.Vertices {
		for i := range v.Parallelism {
			j.subtasks[v.ID] = append(j.subtasks[v.ID], newSubtask(v.Backlog*v.share(i)))
		}
	}
}

// Subtasks are the subtasks of a vertex.
func (j *Job) Subtasks(vertex string) []*Subtask { return j.subtasks[vertex] }

// Since is the time since the job began.
func (j *Job) Since() time.Duration { return j.since }

// Uptime is the time since the last restart ended.
func (j *Job) Uptime() time.Duration { return j.since - j.began }

// Down reports whether the job restarts now.
func (j *Job) Down() bool { return j.down > 0 }

// Restarted is how often the job restarted.
func (j *Job) Restarted() int { return j.restarted }

// Run lets the time pass.
func (j *Job) Run(d time.Duration) {
	for range int(d / Step) {
		j.step()
	}
}

func (j *Job) step() {
	j.since += Step
	j.arrive()
	if j.restarted < len(j.Restarts) && j.since >= j.Restarts[j.restarted] {
		j.restarted++
		j.down = j.RestartTakes
		j.fail()
	}
	if j.down > 0 {
		j.down -= Step
		j.began = j.since
		return
	}
	for _, v := range slices.Backward(j.Vertices) { // the last first: what it takes makes space
		j.process(v)
	}
	j.checkpoint()
}

// arrive adds to what waits outside the sources.
func (j *Job) arrive() {
	for _, v := range j.Vertices {
		if !v.Source() || v.Arrivals == nil {
			continue
		}
		for i, s := range j.subtasks[v.ID] {
			s.Backlog += v.Arrivals(j.since) * Step.Seconds() * v.share(i)
		}
	}
}

// fail replaces all subtasks. The sources read again what was in the buffers.
func (j *Job) fail() {
	j.failCheckpoint("Task failure.")
	for _, v := range j.Vertices {
		for i, s := range j.subtasks[v.ID] {
			j.subtasks[v.ID][i] = newSubtask(s.Backlog)
			j.subtasks[v.ID][i].Read = s.Read
		}
	}
}

// process lets the subtasks of a vertex work for one step.
func (j *Job) process(v Vertex) {
	step := Step.Seconds()
	each := j.wishes(v)
	allowed := j.allowed(v, each)
	for i, s := range j.subtasks[v.ID] {
		if s.Finished {
			continue
		}
		if i < v.Finished && j.since >= v.Ends {
			s.Finished = true
			continue
		}
		if v.stalled(j.since) {
			s.work(0, 0, times{busy: step})
			continue
		}
		n := each[i] * allowed
		j.take(v, s, n)
		spent := times{busy: n * v.PerRecord}
		if v.Asynchronous {
			spent.busy = n * (v.PerRecord - v.Waits)
			spent.idle = n * v.Waits
		}
		rest := max(0, step-spent.busy-spent.idle)
		if allowed < 1 && each[i] > 0 {
			spent.blocked = rest
		} else {
			spent.idle += rest
		}
		s.work(n, n*j.sends(v), spent)
	}
}

// wishes is how many records each subtask could process in a step if there was space
// downstream.
func (j *Job) wishes(v Vertex) []float64 {
	each := make([]float64, v.Parallelism)
	for i, s := range j.subtasks[v.ID] {
		if s.Finished || v.stalled(j.since) {
			continue
		}
		each[i] = min(Step.Seconds()/v.PerRecord, s.Queue+s.Backlog)
		if v.ReadsAtMost > 0 {
			each[i] = min(each[i], v.ReadsAtMost*v.share(i)*Step.Seconds())
		}
	}
	return each
}

// allowed is the part of the wishes for which there is space downstream.
func (j *Job) allowed(v Vertex, each []float64) float64 {
	total, part := 0.0, 1.0
	for _, n := range each {
		total += n
	}
	j.receivers(v, func(to Vertex, e Edge) {
		for i, s := range j.subtasks[to.ID] {
			wanted := total * e.selectivity() * to.share(i)
			if space := max(0, to.buffer()-s.Queue); wanted > space+1e-9 && !s.Finished {
				part = min(part, space/wanted)
			}
		}
	})
	return part
}

// take moves n records through a subtask.
func (j *Job) take(v Vertex, s *Subtask, n float64) {
	if v.Source() {
		s.Backlog = max(0, s.Backlog-n)
		if n > 0 || s.Backlog < 1e-6 {
			s.Pending = math.Round(s.Backlog)
		}
	} else {
		s.Queue = max(0, s.Queue-n)
	}
	j.receivers(v, func(to Vertex, e Edge) {
		for i, receiver := range j.subtasks[to.ID] {
			receiver.Queue += n * e.selectivity() * to.share(i)
		}
	})
}

// sends is how many records the vertex sends for each one that it processes.
func (j *Job) sends(v Vertex) (records float64) {
	j.receivers(v, func(_ Vertex, e Edge) { records += e.selectivity() })
	return records
}

// receivers calls do for each edge that leaves a vertex.
func (j *Job) receivers(v Vertex, do func(to Vertex, e Edge)) {
	for _, to := range j.Vertices {
		for _, e := range to.Inputs {
			if e.From == v.ID {
				do(to, e)
			}
		}
	}
}
