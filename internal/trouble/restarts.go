package trouble

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// loopSize failures within loopWithin are a loop. One failure is an incident and two
	// may be: a restart can fail once while a process is replaced.
	loopSize   = 3
	loopWithin = 10 * time.Minute
	// loopAge is how long the series must last: Flink lists a dead TaskManager for a while,
	// and within seconds each new attempt fails because of it.
	loopAge = 15 * time.Second
	// loopOver is how long a job must run without a failure until its loop is over. The
	// pause between two restarts is a minute at most by default.
	loopOver = 5 * time.Minute
)

// loopMemory is what is kept of a series of failures: Flink forgets all but sixteen.
type loopMemory struct {
	first   snapshot.Failure
	newest  time.Time
	count   int
	started bool
	// losses are the failures that a lost TaskManager explains: each counts once.
	losses []interval
}

// loops reports whether a job fails and restarts again and again. Restarts alone do not
// count: a planned change of the parallelism is one too.
func (m *jobMemory) loops(job snapshot.Job) (verdict, Trouble) {
	switch {
	case over(job) && job.State == failed:
		return lingers, m.loop.trouble(job) // it gave up: that is worse than a loop
	case over(job):
		return absent, Trouble{}
	case len(job.Failures) == 0 || job.Now.IsZero():
		return unknown, Trouble{}
	}
	last := newest(job.Failures)
	recent := m.loop.take(job)
	switch quietFor := job.Now.Sub(last.At); {
	case recent >= loopSize && !m.loop.started && job.Now.Sub(m.loop.first.At) < loopAge:
		return unknown, Trouble{}
	case recent >= loopSize && quietFor < loopOver:
		m.loop.started = true
		return present, m.loop.trouble(job)
	case m.loop.explains(job):
		m.loop.started = false // what has been counted counts if more failures make it a loop
		return absent, Trouble{}
	case quietFor >= loopOver && runsWhole(job) == present:
		m.loop = loopMemory{newest: last.At}
		return absent, Trouble{}
	}
	return lingers, m.loop.trouble(job)
}

// interval is a time with an end and without its beginning.
type interval struct{ after, until time.Time }

func (i interval) has(at time.Time) bool { return at.After(i.after) && !at.After(i.until) }

// lost notes a TaskManager that is gone. Until Flink notices, it deploys to it again and
// again: the failures since the job ran as a whole are one.
func (l *loopMemory) lost(after, until time.Time) {
	l.losses = append(slices.DeleteFunc(l.losses, func(i interval) bool {
		return until.Sub(i.until) > loopWithin
	}), interval{after, until})
}

// explains reports whether a lost TaskManager is all that a job failed of lately.
func (l *loopMemory) explains(job snapshot.Job) bool {
	for _, f := range job.Failures {
		if job.Now.Sub(f.At) <= loopWithin && l.lossOf(f) < 0 {
			return false
		}
	}
	return len(l.losses) > 0
}

// lossOf returns which loss explains a failure; below zero if none does.
func (l *loopMemory) lossOf(f snapshot.Failure) int {
	return slices.IndexFunc(l.losses, func(i interval) bool { return i.has(f.At) })
}

// take counts the failures that are new, and returns how many causes are recent.
func (l *loopMemory) take(job snapshot.Job) (recent int) {
	counted := map[int]bool{}
	for _, f := range job.Failures {
		of := l.lossOf(f)
		if job.Now.Sub(f.At) <= loopWithin && (of < 0 || !counted[of]) {
			recent++
			counted[of] = true
		}
		if !f.At.After(l.newest) || !l.started && job.Now.Sub(f.At) > loopWithin {
			continue
		}
		if l.count == 0 {
			l.first = f
		}
		l.count++
		l.newest = f.At
	}
	if first := job.FirstFailure; first != nil && l.count > 0 && first.At.Before(l.first.At) {
		l.first = *first
	}
	return recent
}

func (l *loopMemory) trouble(job snapshot.Job) Trouble {
	state := "is " + job.State
	if job.State == failed {
		state = "gave up: it is FAILED"
	}
	last := newest(job.Failures)
	if job.LastFailure != nil {
		last = *job.LastFailure
	}
	return Trouble{
		What: "Job restarts in a loop",
		Seen: fmt.Sprintf("job %s failed %s within %s and %s; first cause: %s; newest cause: %s", quoted(job.Name),
			times(l.count), plaintext.Span(last.At.Sub(l.first.At)), state, cause(l.first), cause(last)),
		Do: "remove the first cause; the later ones mostly follow from it",
	}
}
