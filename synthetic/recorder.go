package synthetic

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// History is where the account of every record is kept, durably.
type History interface {
	// Put stores the present state of records, all or nothing, and moves the
	// per-sink totals by exactly what changed since the stored state. Idempotent.
	Put(records []episode.ProbeRecord) error
	// Open returns the records to go on watching after a restart: those pending
	// at some sink, and those finished less than watchFor ago (a lost record may
	// still arrive).
	Open(watchFor time.Duration) ([]episode.ProbeRecord, error)
	// Totals returns the account of each sink since the history began.
	Totals() ([]episode.Account, error)
}

// The pace of the recorder.
const (
	tickEvery = 500 * time.Millisecond
	// stoodStill is a pause between two ticks after which nobody was looking:
	// the process was stopped, or the machine slept.
	stoodStill = 10 * time.Second
	// The wait after a history failed, doubled up to the second.
	firstHistoryRetry, lastHistoryRetry = 500 * time.Millisecond, 15 * time.Second
	// maxUnrecorded is how many changed records may wait for the history before
	// no more are intended: bounded memory while a disk is full.
	maxUnrecorded = 10_000
)

// recorder is the one place where the state of records changes: it guards the
// tracker, writes what changed to the history, and only then moves the accounts
// and lets observers know.
type recorder struct {
	history History
	clock   clock
	log     *slog.Logger
	// observe is told of samples and steps after the history has them. It is
	// called by one goroutine at a time and must be quick.
	observe func(steps []step, samples []sample)

	// putting serialises writes, so that states reach the history in order.
	putting sync.Mutex

	mu       sync.Mutex // protects what follows
	tracker  *tracker
	accounts *accounts
	// changed is closed and replaced whenever the history took something.
	changed chan struct{}

	kick chan struct{} // of capacity 1: something waits for the history
	// published is the snapshot that readers see without waiting; nil until the
	// history's totals were read.
	published atomic.Pointer[recorderState]
}

// recorderState is what the outside may know at any moment.
type recorderState struct {
	accounts []episode.Account
	failure  error // of the history, nil when it works
}

func newRecorder(history History, sinks []string, now clock, log *slog.Logger) *recorder {
	return &recorder{
		history: history, clock: now, log: log,
		tracker: newTracker(now()), accounts: newAccounts(sinks),
		changed: make(chan struct{}), kick: make(chan struct{}, 1),
		observe: func([]step, []sample) {},
	}
}

// restore reads the totals and the records to go on watching. Nothing may be
// intended before it has succeeded.
func (b *recorder) restore(watchFor time.Duration) error {
	totals, err := b.history.Totals()
	if err != nil {
		return fmt.Errorf("reading the account of earlier records: %w", err)
	}
	open, err := b.history.Open(watchFor)
	if err != nil {
		return fmt.Errorf("reading the records under way: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, account := range totals {
		b.accounts.restore(account)
	}
	b.tracker.restore(open, b.clock())
	b.published.Store(&recorderState{accounts: b.accounts.snapshot()})
	if len(open) > 0 {
		b.log.Info("Records of an earlier run are watched on", "records", len(open))
	}
	return nil
}

// update changes the tracker and wakes the writer.
func (b *recorder) update(change func(*tracker)) {
	b.mu.Lock()
	change(b.tracker)
	b.mu.Unlock()
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// view looks at the tracker without changing it.
func (b *recorder) view(look func(*tracker)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	look(b.tracker)
}

// flush writes everything that the history does not have yet. On an error
// nothing was written, and everything is kept for the next attempt.
func (b *recorder) flush() error {
	b.putting.Lock()
	defer b.putting.Unlock()
	b.mu.Lock()
	changes := b.tracker.changes()
	b.mu.Unlock()
	if len(changes) == 0 {
		return nil
	}
	records := make([]episode.ProbeRecord, len(changes))
	for i, c := range changes {
		records[i] = c.record
	}
	if err := b.history.Put(records); err != nil {
		b.publishFailure(err)
		return fmt.Errorf("history: %w", err)
	}
	b.commit(changes)
	return nil
}

// commit moves the accounts by what the history has just taken.
func (b *recorder) commit(changes []change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var steps []step
	var samples []sample
	for _, c := range changes {
		moved, finished := b.tracker.committed(c)
		steps, samples = append(steps, moved...), append(samples, finished...)
	}
	for _, s := range steps {
		b.accounts.apply(s)
	}
	b.observe(steps, samples)
	b.published.Store(&recorderState{accounts: b.accounts.snapshot()})
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *recorder) publishFailure(err error) {
	state := recorderState{failure: err}
	if last := b.published.Load(); last != nil {
		state.accounts = last.accounts
	}
	b.published.Store(&state)
}

// unrecorded returns how many changed records wait for the history.
func (b *recorder) unrecorded() (n int) {
	b.view(func(t *tracker) {
		for _, e := range t.entries {
			if e.dirty {
				n++
			}
		}
	})
	return n
}

// next returns a channel that is closed when the history takes something more.
func (b *recorder) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// write keeps the history up to date until ctx ends. A history that fails is
// tried again and again; meanwhile everything stays in memory.
func (b *recorder) write(ctx context.Context) {
	wait := firstHistoryRetry
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.kick:
		}
		for {
			err := b.flush()
			if err == nil {
				wait = firstHistoryRetry
				break
			}
			b.log.Error("Records wait for the history", "err", err, "retry_in", wait)
			if !Sleep(ctx, wait) {
				return
			}
			wait = min(2*wait, lastHistoryRetry)
		}
	}
}

// tick decides what is overdue, until ctx ends.
func (b *recorder) tick(ctx context.Context) {
	last := b.clock()
	for Sleep(ctx, tickEvery) {
		now := b.clock()
		if now.Since(last) >= stoodStill {
			b.log.Warn("The process stood still; records of that time are not measured", "seconds", now.Since(last).Seconds())
			b.update(func(t *tracker) { t.blinded(now) })
		}
		b.update(func(t *tracker) { t.expire(now) })
		last = now
	}
}

// Sleep waits for d and reports whether ctx is still alive.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// oldest returns the age of the oldest pending record, and whether there is one.
func (b *recorder) oldest() (age time.Duration, pending bool) {
	now := b.clock()
	b.view(func(t *tracker) {
		for _, e := range t.entries {
			if e.record.Open() {
				age, pending = max(age, now.Since(e.intended)), true
			}
		}
	})
	return age, pending
}
