package grafana

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrCapped is the cause of an annotation that is not made: a storm of them hides what
// matters, and slows Grafana down.
var ErrCapped = errors.New("too many annotations")

// budget counts the new annotations of the last hour, of whatever kind. Changes of existing
// ones are free.
type budget struct {
	mu      sync.Mutex
	perHour int
	made    []time.Time // oldest first
}

// limit sets how many an hour may have.
func (b *budget) limit(perHour int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.perHour = perHour
}

// take counts one more, unless the hour is full.
func (b *budget) take(now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.made) > 0 && now.Sub(b.made[0]) >= time.Hour {
		b.made = b.made[1:]
	}
	if len(b.made) >= b.perHour {
		return &Error{
			Op: "posting an annotation", Message: fmt.Sprintf("%d were made within an hour", len(b.made)),
			Hint: "see the history, or raise grafana.max_per_hour", Cause: ErrCapped,
		}
	}
	b.made = append(b.made, now)
	return nil
}

// add counts one that exists already.
func (b *budget) add(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = append(b.made, now)
}

// giveBack uncounts one that Grafana refused.
func (b *budget) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = b.made[:max(0, len(b.made)-1)]
}

// Restore counts annotations that an earlier process made, the oldest first.
func (a *Notifier) Restore(made ...time.Time) {
	for _, at := range made {
		if a.Now().Sub(at) < time.Hour {
			a.budget.add(at)
		}
	}
}
