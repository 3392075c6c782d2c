package collector

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// failures remembers the exceptions of one run of a job. Flink remembers sixteen, and one
// dead TaskManager can cause as many within a minute, because a restart that finds no
// slot fails too. So the exceptions are read at every poll, and each is counted once. The
// newest ones are kept, and beside them the first of the last incident, which the newest
// mostly follow from.
type failures struct {
	// inherited is true if the job ran before the collector first read its cluster.
	// Earlier exceptions are not counted: an earlier process of the sidecar may have
	// counted them.
	inherited bool

	counts map[string]float64 // by class; nil until they are read
	seen   map[string]struct{}
	first  *snapshot.Failure // of the last incident
	// roots are the newest exceptions that led to a restart, oldest first. An exception
	// that Flink lists below a root is not among them: its task failed too, mostly because
	// of the root, and on another TaskManager.
	roots []snapshot.Failure
	// latest is the newest exception of that incident, since is the first reading, and
	// whole is the last time at which the whole job ran. All three are by the
	// JobManager's clock.
	latest, since, whole time.Time
	// final is true if no more exceptions will come.
	final bool
}

const (
	// maxExceptions is how many exceptions are requested, each with its concurrent ones;
	// maxRemembered bounds both together.
	maxExceptions = 20
	maxRemembered = 200
	// maxClasses bounds the classes that are counted by name, of each run.
	maxClasses = 20
	// otherClass counts the rest.
	otherClass = "other"
	// aftermath is how long further exceptions may follow from one cause although the
	// whole job runs again: one killed TaskManager caused five within 9 s.
	aftermath = 10 * time.Second
	// quiet separates incidents when the state in between is unknown. Restarts are at
	// most a minute apart by default.
	quiet = 2 * time.Minute
)

// learn takes the exceptions that Flink remembers.
func (f *failures) learn(all []flink.Exception) {
	slices.SortStableFunc(all, func(a, b flink.Exception) int { return int(a.At - b.At) })
	all = all[max(0, len(all)-maxRemembered):]
	if f.counts == nil {
		f.counts = map[string]float64{otherClass: 0}
	}
	seen := map[string]struct{}{}
	for _, e := range all {
		key := fmt.Sprintf("%d %q %q", e.At, e.Name, e.Task)
		_, before := f.seen[key]
		_, twice := seen[key]
		seen[key] = struct{}{}
		if !before && !twice {
			f.count(e)
			f.take(e)
		}
	}
	f.seen = seen
}

func (f *failures) count(e flink.Exception) {
	class := e.Class()
	if _, known := f.counts[class]; class == "" || !known && len(f.counts) > maxClasses {
		class = otherClass
	}
	more := 1.0
	if f.inherited && (f.since.IsZero() || e.At.Time().Before(f.since)) {
		more = 0 // and yet a series, of which the next increase will be seen
	}
	f.counts[class] += more
}

// maxCause is how many characters of a cause are searched for secrets.
const maxCause = 8 << 10

// causeOf is the cause in a text of Flink, without secrets. They are masked before the text
// is cut: half of a secret is not recognised as one.
func causeOf(text string) string {
	return plaintext.Line(redact.Secrets(flink.RootCause(text, maxCause)), maxText)
}

// take keeps the root of a restart, and the first of an incident.
func (f *failures) take(e flink.Exception) {
	if e.Concurrent {
		return
	}
	failure := snapshot.Failure{
		At: e.At.Time(), Class: e.Class(), Cause: causeOf(e.Trace),
		Task: plaintext.Line(e.Task, maxText), TaskManager: plaintext.Line(cmp.Or(e.TaskManager, e.Endpoint), maxText),
	}
	f.roots = append(f.roots, failure)
	f.roots = f.roots[max(0, len(f.roots)-maxExceptions):]
	if f.first == nil || f.begins(failure.At) {
		f.first = &failure
	}
	f.latest = failure.At
}

// tell hands what is known of the failures to a job.
func (f *failures) tell(job *jobRead) {
	job.FirstFailure, job.Failures = f.first, slices.Clone(f.roots)
	slices.SortStableFunc(job.Failures, func(a, b snapshot.Failure) int { return a.At.Compare(b.At) })
	if n := len(job.Failures); n > 0 {
		job.LastFailure = &job.Failures[n-1]
	}
}

// begins reports whether an exception begins another incident: the whole job ran since
// the one before or, before the first reading, there was a long quiet time.
func (f *failures) begins(at time.Time) bool {
	recovered := f.whole.Sub(f.latest) >= aftermath && !at.Before(f.whole)
	return recovered || at.Before(f.since) && at.Sub(f.latest) > quiet
}

// look records the state of the job, after its exceptions were learnt.
func (f *failures) look(details flink.Job) {
	for _, v := range details.Vertices {
		if _, settled := v.Running(); !settled {
			return
		}
	}
	if details.State == flink.JobRunning {
		f.whole = details.Now.Time()
	}
}

// readFailures reads the exceptions of a live job, except at the first poll of a run,
// whose budget goes to what is read only once.
func (p *poll) readFailures(ctx context.Context, job *jobRead, details flink.Job, f *failures) {
	if p.learnFailures(ctx, job, f) {
		f.look(details)
	}
}

// readEnd reads, once, the exceptions of a job that failed for good.
func (p *poll) readEnd(ctx context.Context, job *jobRead, f *failures) {
	if !f.final {
		f.final = p.learnFailures(ctx, job, f)
		return
	}
	f.tell(job)
	job.Exceptions = maps.Clone(f.counts)
}

// learnFailures reads the exceptions. If Flink does not answer, the last failure stays
// known, but the counts become unknown.
func (p *poll) learnFailures(ctx context.Context, job *jobRead, f *failures) (answered bool) {
	exceptions, err := p.client.Exceptions(ctx, job.ID, maxExceptions)
	p.note(err)
	if err == nil {
		f.learn(exceptions)
		job.Exceptions = maps.Clone(f.counts)
	}
	f.tell(job)
	job.FailuresRead = true
	return err == nil
}
