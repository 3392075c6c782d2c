package account

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// History stores the account of every record durably.
type History interface {
	// Put stores the present state of records, all or none. It changes the totals per
	// sink by exactly the difference to the stored state. It is idempotent.
	Put(records []episode.ProbeRecord) error
	// Open returns the records to watch after a restart: those pending at some sink,
	// and those finished less than watchFor ago, because a lost record may still
	// arrive.
	Open(watchFor time.Duration) ([]episode.ProbeRecord, error)
	// Totals returns the account of each sink since the history began.
	Totals() ([]episode.Account, error)
}

// The pace of the recorder.
const (
	tickEvery = 500 * time.Millisecond
	// StoodStill is the pause between two ticks from which the process is considered to
	// have been stopped, or the machine to have slept.
	StoodStill = 10 * time.Second
	// The wait after a failure of the history, doubled from the first up to the second.
	firstHistoryRetry, lastHistoryRetry = 500 * time.Millisecond, 15 * time.Second
)

// Recorder is the only place that changes the state of records. It guards the tracker,
// writes changes to the history, and then updates the accounts and calls the observer. Its
// methods are safe for concurrent use; each of Write and Tick is called once.
type Recorder struct {
	sinks   []string // in the order of the configuration
	history History
	clock   clock.Clock
	log     *slog.Logger
	observe Observer

	// putting serialises writes, so that states reach the history in order.
	putting sync.Mutex

	mu       sync.Mutex // protects the following fields
	tracker  *Tracker
	accounts *accounts
	// changed is closed and replaced after each write to the history.
	changed chan struct{}

	wake chan struct{} // of capacity 1: a change waits for the history
	// published is a snapshot that readers get without waiting. It is nil until the
	// history's totals were read.
	published atomic.Pointer[State]
}

// State is what a recorder publishes.
type State struct {
	// Accounts are those of each sink since the history began. Readers must not change them.
	Accounts []episode.Account
	// Failure is that of the history, nil if it works.
	Failure error
}

// Observer gets steps and samples after the history has stored them. Only one goroutine
// calls it at a time. It must be fast, and it must not call the recorder.
type Observer func(steps []Step, samples []Sample)

// NewRecorder returns a recorder of records at these sinks. [Recorder.Restore] comes before
// the first record.
func NewRecorder(
	history History, sinks []string, now clock.Clock, log *slog.Logger, observe Observer,
) *Recorder {
	return &Recorder{
		sinks: sinks, history: history, clock: now, log: log, observe: observe,
		tracker: newTracker(now()), accounts: newAccounts(sinks),
		changed: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// Restore reads the totals, and the records of an earlier process that are to be watched.
// It tries until it succeeds, and returns false if ctx ended first. No record may be intended
// before it has succeeded.
func (r *Recorder) Restore(ctx context.Context, watchFor time.Duration) bool {
	return r.retry(ctx, "reading", func() error { return r.restore(watchFor) })
}

func (r *Recorder) restore(watchFor time.Duration) error {
	totals, err := r.history.Totals()
	if err != nil {
		return fmt.Errorf("reading the account of earlier records: %w", err)
	}
	open, err := r.history.Open(watchFor)
	if err != nil {
		return fmt.Errorf("reading the records under way: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, account := range totals {
		r.accounts.restore(account)
	}
	r.tracker.restore(open, r.clock())
	r.published.Store(&State{Accounts: r.accounts.snapshot()})
	if len(open) > 0 {
		r.log.Info("Records of an earlier process are watched again", "records", len(open))
	}
	return nil
}

// Update applies events and wakes the writer. The caller must not call the recorder in change.
func (r *Recorder) Update(change func(*Tracker)) {
	r.mu.Lock()
	change(r.tracker)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Note applies events of what the history does not store.
func (r *Recorder) Note(change func(*Tracker)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r.tracker)
}

// view reads the tracker without changing it.
func (r *Recorder) view(look func(*Tracker)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	look(r.tracker)
}

// Flush writes all waiting changes to the history. After an error none was written, and
// all remain for the next attempt.
func (r *Recorder) Flush() error {
	r.putting.Lock()
	defer r.putting.Unlock()
	r.mu.Lock()
	changes := r.tracker.changes()
	r.mu.Unlock()
	if len(changes) == 0 {
		return nil
	}
	records := make([]episode.ProbeRecord, len(changes))
	for i, c := range changes {
		records[i] = c.record
	}
	if err := r.history.Put(records); err != nil {
		r.publishFailure(err)
		return fmt.Errorf("history: %w", err)
	}
	r.commit(changes)
	return nil
}

// commit updates the accounts by the changes that the history has just stored.
func (r *Recorder) commit(changes []change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var steps []Step
	var samples []Sample
	for _, c := range changes {
		moved, finished := r.tracker.committed(c)
		steps, samples = append(steps, moved...), append(samples, finished...)
	}
	for _, s := range steps {
		r.accounts.apply(s)
	}
	r.observe(steps, samples)
	r.published.Store(&State{Accounts: r.accounts.snapshot()})
	close(r.changed)
	r.changed = make(chan struct{})
}

// Published returns the accounts and the state of the history without waiting; nil until the
// totals were read.
func (r *Recorder) Published() *State { return r.published.Load() }

func (r *Recorder) publishFailure(err error) {
	state := State{Failure: err}
	if last := r.published.Load(); last != nil {
		state.Accounts = last.Accounts
	}
	r.published.Store(&state)
}

// Unrecorded returns how many changed records wait for the history.
func (r *Recorder) Unrecorded() (n int) {
	r.view(func(t *Tracker) {
		for _, e := range t.entries {
			if e.dirty {
				n++
			}
		}
	})
	return n
}

// Next returns a channel that is closed after the next write to the history.
func (r *Recorder) Next() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// Write writes changes to the history until ctx ends. While the history fails, the
// changes stay in memory.
func (r *Recorder) Write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			r.retry(ctx, "writing", r.Flush)
		}
	}
}

// retry repeats a failed call to the history until it succeeds or ctx ends, and reports
// whether it succeeded. Until then no record is sent.
func (r *Recorder) retry(ctx context.Context, doing string, try func() error) bool {
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, try() },
		backoff.WithBackOff(wait.Backoff(firstHistoryRetry, lastHistoryRetry)), backoff.WithMaxElapsedTime(0), // without end
		backoff.WithNotify(func(err error, next time.Duration) {
			r.log.Error("The history can't store the probe's records", "doing", doing, "err", err, "retry_in", next)
		}))
	return err == nil
}

// Tick decides overdue records until ctx ends.
func (r *Recorder) Tick(ctx context.Context) {
	last := r.clock()
	for wait.For(ctx, tickEvery) == nil {
		now := r.clock()
		if now.Since(last) >= StoodStill {
			r.log.Warn(
				"The process stood still; records of that time are not measured", "seconds",
				now.Since(last).Seconds(),
			)
			r.Update(func(t *Tracker) { t.Blinded(now) })
		}
		r.Update(func(t *Tracker) { t.expire(now) })
		last = now
	}
}

// Resolution is that of the bounds of the time until the job reads a record; 0 while it is not
// known.
func (r *Recorder) Resolution() (d time.Duration) {
	r.view(func(t *Tracker) { d = t.resolution })
	return d
}

// Oldest returns the age of the oldest pending record, and whether there is one.
func (r *Recorder) Oldest() (age time.Duration, pending bool) {
	now := r.clock()
	r.view(func(t *Tracker) {
		for _, e := range t.entries {
			if e.record.Open() {
				age, pending = max(age, now.Since(e.intended)), true
			}
		}
	})
	return age, pending
}
