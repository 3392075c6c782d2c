package simulate

import "time"

// Checkpointing describes the checkpoints of a job. They are aligned, and one is in progress at
// a time. The zero value takes none.
type Checkpointing struct {
	// Every is the time between two triggers, Timeout how long one may take; 0 is no bound.
	Every, Timeout time.Duration
	// Upload is what each subtask needs from the barrier to its acknowledgement.
	Upload time.Duration
	// StateBytes is the size of the state; each checkpoint writes all of it.
	StateBytes Signal
}

// Checkpoint is one checkpoint. Its times are those since the job began.
type Checkpoint struct {
	ID                 int
	Triggered, Ended   time.Duration
	Completed, Failed  bool
	Message            string
	StateBytes         float64
	Acknowledged, Asks int

	// targets are the records after which the barrier comes, by subtask, once it has arrived
	// there. passed is when it left the subtask.
	targets map[*Subtask]float64
	passed  map[*Subtask]time.Duration
}

// Running reports whether the checkpoint is in progress.
func (c *Checkpoint) Running() bool { return !c.Completed && !c.Failed }

// Checkpoints are all checkpoints so far, the oldest first.
func (j *Job) Checkpoints() []*Checkpoint { return j.checkpoints }

// checkpoint triggers what is due, and moves the barriers of the one in progress.
func (j *Job) checkpoint() {
	if j.Checkpointing.Every == 0 {
		return
	}
	if n := len(j.checkpoints); n == 0 || !j.checkpoints[n-1].Running() {
		if j.since < j.due {
			return
		}
		j.trigger()
	}
	c := j.checkpoints[len(j.checkpoints)-1]
	for _, v := range j.Vertices {
		j.moveBarriers(c, v)
	}
	c.Acknowledged = 0
	for _, passed := range c.passed {
		if j.since >= passed+j.Checkpointing.Upload {
			c.Acknowledged++
		}
	}
	switch limit := j.Checkpointing.Timeout; {
	case c.Acknowledged == c.Asks:
		c.Completed, c.Ended = true, j.since
	case limit > 0 && j.since-c.Triggered >= limit:
		j.failCheckpoint("Checkpoint expired before completing.")
	}
}

func (j *Job) trigger() {
	c := &Checkpoint{
		ID: len(j.checkpoints) + 1, Triggered: j.since,
		targets: map[*Subtask]float64{}, passed: map[*Subtask]time.Duration{},
	}
	if j.Checkpointing.StateBytes != nil {
		c.StateBytes = j.Checkpointing.StateBytes(j.since)
	}
	for _, v := range j.Vertices {
		c.Asks += v.Parallelism
	}
	j.checkpoints, j.due = append(j.checkpoints, c), j.since+j.Checkpointing.Every
}

// moveBarriers lets the barrier into the subtasks of a vertex once it has left all subtasks
// upstream, and out of them once they have processed what was before it.
func (j *Job) moveBarriers(c *Checkpoint, v Vertex) {
	for _, e := range v.Inputs {
		for _, s := range j.subtasks[e.From] {
			if _, left := c.passed[s]; !left {
				return
			}
		}
	}
	for _, s := range j.subtasks[v.ID] {
		target, arrived := c.targets[s]
		if !arrived {
			target = s.In + s.Queue
			c.targets[s] = target
		}
		_, left := c.passed[s]
		if !left && (s.Finished || s.In >= target-1e-6 && !v.stalled(j.since)) {
			c.passed[s] = j.since
		}
	}
}

// failCheckpoint ends the checkpoint in progress, if there is one.
func (j *Job) failCheckpoint(message string) {
	if n := len(j.checkpoints); n > 0 && j.checkpoints[n-1].Running() {
		c := j.checkpoints[n-1]
		c.Failed, c.Ended, c.Message = true, j.since, message
	}
}
