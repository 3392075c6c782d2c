package trouble

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// jobMemory is what is kept of one run of a job.
type jobMemory struct {
	id string
	// whole is the job as of the last poll at which all of it ran, or of the first poll.
	whole baseline
	// worked is true once the sources have read something in this run.
	worked bool
	// stalledBy is why the job was stalled at the last poll, waiting how much input waited then; nil
	// if unknown.
	stalledBy reason
	waiting   *float64
	// trickled is true if a stalled job has read something since the last poll only.
	trickled bool
	loop     loopMemory
}

// baseline is a job at one poll.
type baseline struct {
	id       string
	started  time.Time
	running  bool // false for a job that had ended
	restarts *float64
	failed   time.Time // of the newest failure; zero if there was none, or none was read
	at       time.Time // the poll, by the JobManager's clock; zero if unknown
	size     int       // the sum of the parallelism of all vertices
}

// until is the time up to which failures are older than the baseline.
func (b baseline) until() time.Time {
	if b.failed.After(b.at) {
		return b.failed
	}
	return b.at
}

// remember takes a poll over, after it was judged.
func (m *jobMemory) remember(job snapshot.Job) {
	if m.whole.id == "" || over(job) || runsWhole(job) == present {
		m.whole = baseline{
			id: job.ID, started: job.Started, running: !over(job), restarts: job.Restarts,
			failed: newest(job.Failures).At, at: job.Now, size: sizeOf(job),
		}
	}
	m.worked = m.worked || job.ReadRate != nil && *job.ReadRate > 0
	m.waiting = waiting(job)
}

// The states of a job that matter here; Flink has more.
const (
	running  = "RUNNING"
	failed   = "FAILED"
	finished = "FINISHED"
)

// over reports whether a job has ended for good, or is about to because a person wants
// it. A job that Flink forgot is over too: nothing can be said about it.
func over(job snapshot.Job) bool {
	switch job.State {
	case finished, failed, "CANCELED", "CANCELLING", "SUSPENDED", snapshot.Gone:
		return true
	}
	return false
}

// runsWhole is present if every subtask runs, or has finished. A job is RUNNING while its
// subtasks are still deployed or read their state.
func runsWhole(job snapshot.Job) verdict {
	switch {
	case job.State != running:
		return absent
	case job.Tasks == nil:
		return unknown
	}
	for state, n := range job.Tasks {
		if n > 0 && state != running && state != finished {
			return absent
		}
	}
	return present
}

func sizeOf(job snapshot.Job) (sum int) {
	for _, v := range job.Vertices {
		sum += v.Parallelism
	}
	return sum
}

// newest returns the last failure; its time is zero if there is none.
func newest(failures []snapshot.Failure) snapshot.Failure {
	if len(failures) == 0 {
		return snapshot.Failure{}
	}
	return failures[len(failures)-1]
}
