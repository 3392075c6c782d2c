package synthetic

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
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
	// stoodStill is the pause between two ticks from which the process is considered to
	// have been stopped, or the machine to have slept.
	stoodStill = 10 * time.Second
	// The wait after a failure of the history, doubled from the first up to the second.
	firstHistoryRetry, lastHistoryRetry = 500 * time.Millisecond, 15 * time.Second
	// maxUnrecorded is the maximum number of changed records that wait for the history.
	// Beyond it no more records are intended, so memory is bounded while a disk is
	// full.
	maxUnrecorded = 10_000
)

// recorder is the only place that changes the state of records. It guards the tracker,
// writes changes to the history, and then updates the accounts and calls the observer.
type recorder struct {
	history History
	clock   clock
	log     *slog.Logger
	// observe gets samples and steps after the history has stored them. Only one
	// goroutine calls it at a time; it must be fast.
	observe func(steps []step, samples []sample)

	// putting serialises writes, so that states reach the history in order.
	putting sync.Mutex

	mu       sync.Mutex // protects the following fields
	tracker  *tracker
	accounts *accounts
	// changed is closed and replaced after each write to the history.
	changed chan struct{}

	wake chan struct{} // of capacity 1: a change waits for the history
	// published is a snapshot that readers get without waiting. It is nil until the
	// history's totals were read.
	published atomic.Pointer[recorderState]
}

// recorderState is the state of the recorder that other goroutines can read at any
// time.
type recorderState struct {
	accounts []episode.Account
	failure  error // of the history, nil if it works
}

func newRecorder(history History, sinks []string, now clock, log *slog.Logger) *recorder {
	return &recorder{
		history: history, clock: now, log: log,
		tracker: newTracker(now()), accounts: newAccounts(sinks),
		changed: make(chan struct{}), wake: make(chan struct{}, 1),
		observe: func([]step, []sample) {},
	}
}

// restore reads the totals and the records to watch. No record may be intended before
// it has succeeded.
func (r *recorder) restore(watchFor time.Duration) error {
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
	r.published.Store(&recorderState{accounts: r.accounts.snapshot()})
	if len(open) > 0 {
		r.log.Info("Records of an earlier process are watched again", "records", len(open))
	}
	return nil
}

// update changes the tracker and wakes the writer.
func (r *recorder) update(change func(*tracker)) {
	r.mu.Lock()
	change(r.tracker)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// note changes what the history does not store.
func (r *recorder) note(change func(*tracker)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r.tracker)
}

// view reads the tracker without changing it.
func (r *recorder) view(look func(*tracker)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	look(r.tracker)
}

// flush writes all waiting changes to the history. After an error none was written, and
// all remain for the next attempt.
func (r *recorder) flush() error {
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
func (r *recorder) commit(changes []change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var steps []step
	var samples []sample
	for _, c := range changes {
		moved, finished := r.tracker.committed(c)
		steps, samples = append(steps, moved...), append(samples, finished...)
	}
	for _, s := range steps {
		r.accounts.apply(s)
	}
	r.observe(steps, samples)
	r.published.Store(&recorderState{accounts: r.accounts.snapshot()})
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *recorder) publishFailure(err error) {
	state := recorderState{failure: err}
	if last := r.published.Load(); last != nil {
		state.accounts = last.accounts
	}
	r.published.Store(&state)
}

// unrecorded returns how many changed records wait for the history.
func (r *recorder) unrecorded() (n int) {
	r.view(func(t *tracker) {
		for _, e := range t.entries {
			if e.dirty {
				n++
			}
		}
	})
	return n
}

// next returns a channel that is closed after the next write to the history.
func (r *recorder) next() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// write writes changes to the history until ctx ends. While the history fails, the
// changes stay in memory.
func (r *recorder) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			r.retry(ctx, "writing", r.flush)
		}
	}
}

// retry repeats a failed call to the history until it succeeds or ctx ends, and reports
// whether it succeeded. Until then no record is sent.
func (r *recorder) retry(ctx context.Context, doing string, try func() error) bool {
	wait := &backoff.ExponentialBackOff{
		InitialInterval: firstHistoryRetry, Multiplier: 2, MaxInterval: lastHistoryRetry,
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, try() },
		backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(0), // without end
		backoff.WithNotify(func(err error, next time.Duration) {
			r.log.Error("The history can't store the probe's records", "doing", doing, "err", err, "retry_in", next)
		}))
	return err == nil
}

// tick decides overdue records until ctx ends.
func (r *recorder) tick(ctx context.Context) {
	last := r.clock()
	for Sleep(ctx, tickEvery) {
		now := r.clock()
		if now.Since(last) >= stoodStill {
			r.log.Warn(
				"The process stood still; records of that time are not measured", "seconds",
				now.Since(last).Seconds(),
			)
			r.update(func(t *tracker) { t.blinded(now) })
		}
		r.update(func(t *tracker) { t.expire(now) })
		last = now
	}
}

// resolution is that of the bounds of the time until the job reads a record; 0 while it is not
// known.
func (r *recorder) resolution() (d time.Duration) {
	r.view(func(t *tracker) { d = t.resolution })
	return d
}

// oldest returns the age of the oldest pending record, and whether there is one.
func (r *recorder) oldest() (age time.Duration, pending bool) {
	now := r.clock()
	r.view(func(t *tracker) {
		for _, e := range t.entries {
			if e.record.Open() {
				age, pending = max(age, now.Since(e.intended)), true
			}
		}
	})
	return age, pending
}
