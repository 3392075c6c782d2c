package profiling

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// day is the time over which a budget counts. It slides, so that midnight does not double
// the budget.
const day = 24 * time.Hour

// Budget limits automatic profiles. It is safe for concurrent use.
type Budget struct {
	perDay   int
	coolDown time.Duration
	now      func() time.Time

	mu     sync.Mutex
	spent  []spending           // within the last day, in the order of spending
	locked map[string]time.Time // by vertex: the end of its lock-out
}

type spending struct {
	vertex string
	at     time.Time
}

// NewBudget returns a budget of perDay profiles over any 24 hours, and of one visit to
// each vertex within coolDown; 0 means no profiles, and no cool-down.
func NewBudget(perDay int, coolDown time.Duration, now func() time.Time) *Budget {
	return &Budget{perDay: perDay, coolDown: coolDown, now: now, locked: map[string]time.Time{}}
}

// Spend takes profiles of a vertex out of the budget, or returns an [*Error] with the
// Outcome LockedOut, CoolingDown or OverBudget. An empty vertex stands for the job as a
// whole and counts like any other.
func (b *Budget) Spend(vertex string, profiles int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
	now := b.now()
	if now.Before(b.locked[vertex]) {
		return &profiler.Error{Outcome: profiler.LockedOut, Process: vertex}
	}
	for _, s := range b.spent {
		if s.vertex == vertex && now.Sub(s.at) < b.coolDown {
			left := plaintext.Span(b.coolDown - now.Sub(s.at))
			return &profiler.Error{Outcome: profiler.CoolingDown, Process: vertex, Cause: "ready again in " + left}
		}
	}
	if len(b.spent)+profiles > b.perDay {
		return &profiler.Error{Outcome: profiler.OverBudget, Process: vertex}
	}
	for range profiles {
		b.spent = append(b.spent, spending{vertex, now})
	}
	return nil
}

// LockOut stops automatic profiles of a vertex for a day: a process went away soon after
// a run.
func (b *Budget) LockOut(vertex string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.locked[vertex] = b.now().Add(day)
}

// LockedOut returns the locked-out vertices, each with the end of its lock-out.
func (b *Budget) LockedOut() map[string]time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	maps.DeleteFunc(b.locked, func(_ string, until time.Time) bool { return !now.Before(until) })
	return maps.Clone(b.locked)
}

// RestoreLocks restores the lock-outs of an earlier process of the sidecar, each for a
// day at most: a clock that was wrong then must not extend them.
func (b *Budget) RestoreLocks(until map[string]time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for vertex, end := range until {
		if latest := b.now().Add(day); end.After(latest) {
			end = latest
		}
		b.locked[vertex] = end
	}
}

// Unlock ends all lock-outs.
func (b *Budget) Unlock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.locked)
}

// Restore counts a profile that an earlier process of the sidecar took.
func (b *Budget) Restore(vertex string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = append(b.spent, spending{vertex, at})
	slices.SortStableFunc(b.spent, func(a, b spending) int { return a.at.Compare(b.at) })
	b.forget()
}

// Left is how many profiles may still be taken now, apart from cool-downs.
func (b *Budget) Left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
	return max(0, b.perDay-len(b.spent))
}

// forget drops what was spent more than a day ago, the longest cool-down. A time in the
// future, because the clock was set back, counts as now.
func (b *Budget) forget() {
	now := b.now()
	b.spent = slices.DeleteFunc(b.spent, func(s spending) bool { return now.Sub(s.at) >= day })
	for i := range b.spent {
		if b.spent[i].at.After(now) {
			b.spent[i].at = now
		}
	}
}

// BudgetLeft returns a gauge of the profiles left in a budget.
func BudgetLeft(budget *Budget) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "flink_sidecar_profiles_left",
		Help: "Automatic profiles left in the last 24 h.",
	}, func() float64 { return float64(budget.Left()) })
}
