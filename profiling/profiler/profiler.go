package profiler

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// Result is a finished run.
type Result struct {
	Profile episode.Profile
	// Tree is the whole profile, of which Profile is a summary.
	Tree *flame.Tree
}

// Profiler takes profiles of the processes of one cluster. It is safe for concurrent use.
type Profiler struct {
	Flink   Flink
	store   *pagestore.Store
	log     *slog.Logger
	Metrics *Metrics
	// Now is time.Now, and Sleep waits for d or until ctx ends, unless a test sets them.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error

	mu     sync.Mutex
	queues map[string]*queue    // by process
	wedged map[string]time.Time // by process: the end of the wait
}

// New returns a Profiler of one cluster that keeps pages in store and counts in metrics.
func New(flink Flink, store *pagestore.Store, metrics *Metrics, log *slog.Logger) *Profiler {
	return &Profiler{
		Flink: flink, store: store, log: log.With("component", "profiling"), Metrics: metrics,
		Now: time.Now, Sleep: wait.For,
		queues: map[string]*queue{}, wedged: map[string]time.Time{},
	}
}

// Take takes one profile of a process, in one of the profiler's modes or of thread dumps,
// and returns it read, summarized and stored. It takes about duration, which is rounded
// up to whole seconds; runs for the same process follow each other. The error is an
// [*Error]. A page that cannot be stored is a warning in the profile, not an error.
func (p *Profiler) Take(ctx context.Context, process string, mode flame.Mode, duration time.Duration) (Result, error) {
	return p.TakeSince(ctx, process, mode, duration, time.Time{})
}

// TakeSince is Take, but begins no run if the process has begun one in this mode since then:
// an earlier process of the sidecar began it and was killed. A zero time is Take.
func (p *Profiler) TakeSince(
	ctx context.Context, process string, mode flame.Mode, duration time.Duration, since time.Time,
) (Result, error) {
	seconds := max(1, int((duration+time.Second-1)/time.Second))
	log := p.log.With("process", process, "mode", mode)
	result, failure := p.queued(ctx, process, mode, time.Duration(seconds)*time.Second, since)
	if failure != nil {
		if err := ctx.Err(); err != nil {
			failure = &Error{Outcome: Canceled, Err: err}
		}
		failure.Process, failure.Mode = process, mode
		p.Metrics.count(mode, failure.Outcome)
		log.Warn("No profile", "outcome", failure.Outcome, "retryable", failure.Retryable(), "err", failure)
		return Result{}, failure
	}
	p.Metrics.count(mode, Finished)
	p.Metrics.seconds.WithLabelValues(string(mode)).Add(result.Profile.Duration.Seconds())
	log.Debug("Profile taken", "profile", result.Profile.ID, "samples", result.Profile.Samples,
		"hash", result.Profile.Hash)
	return result, nil
}

// queued waits for the process's turn and takes the profile.
func (p *Profiler) queued(
	ctx context.Context, process string, mode flame.Mode, duration time.Duration, since time.Time,
) (Result, *Error) {
	leave, err := p.enter(ctx, process)
	if err != nil {
		return Result{}, &Error{Outcome: Canceled, Err: err}
	}
	defer leave()
	if mode == flame.Threads {
		return p.takeThreads(ctx, remote{p.Flink, process}, duration)
	}
	if p.isWedged(process) {
		return Result{}, &Error{
			Outcome: Wedged,
			Cause:   "it failed this way within the last hour, so no request was sent",
		}
	}
	result, failure := p.take(ctx, remote{p.Flink, process}, mode, duration, since)
	if failure != nil && failure.Outcome == Wedged {
		p.setWedged(process)
	}
	return result, failure
}
