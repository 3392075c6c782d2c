package synthetic

import (
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// recentFor and maxRecent bound the events that are kept for windows.
	recentFor = time.Hour
	maxRecent = 8192
)

// recent keeps the latest changes in the history, for measuring windows.
type recent struct {
	mu     sync.Mutex
	events []event // in the order of time
}

// event is the content of one write to the history.
type event struct {
	at      time.Time
	steps   []step
	samples []sample
}

func (r *recent) add(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	old, _ := slices.BinarySearchFunc(r.events, e.at.Add(-recentFor), func(e event, at time.Time) int {
		return e.at.Compare(at)
	})
	if drop := max(old, len(r.events)-maxRecent); drop > 0 {
		r.events = slices.Delete(r.events, 0, drop)
	}
}

// since returns the events at or after a time.
func (r *recent) since(from time.Time) []event {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, _ := slices.BinarySearchFunc(r.events, from, func(e event, at time.Time) int { return e.at.Compare(at) })
	return slices.Clone(r.events[first:])
}

// window is the summary of a period of time.
type window struct {
	samples  []sample
	accounts *accounts
}

// windowOf sums up events: hops and outcomes that were decided before to, and the
// records that were pending at to. The latter are computed backwards from those pending
// now.
func windowOf(events []event, to time.Time, now []episode.Account) window {
	w := window{accounts: newAccounts(nil)}
	pending := map[string]int64{}
	for _, account := range now {
		w.accounts.of(account.Sink)
		pending[account.Sink] = account.Outcomes[episode.Pending]
	}
	for _, e := range events {
		if !e.at.Before(to) {
			for _, s := range e.steps {
				pending[s.sink] += undone(s)
			}
			continue
		}
		w.samples = append(w.samples, e.samples...)
		for _, s := range e.steps {
			w.decide(s)
		}
	}
	for _, sink := range w.accounts.order {
		account := w.accounts.of(sink)
		account.Outcomes[episode.Pending] = pending[sink]
		account.Intended += pending[sink]
	}
	return w
}

// undone returns the change of the number of pending records when a step is undone.
func undone(s step) (n int64) {
	if s.from == episode.Pending {
		n++
	}
	if s.to == episode.Pending {
		n--
	}
	return n
}

// decide counts a step that made an outcome final. It always counts the attributes of a
// final record.
func (w *window) decide(s step) {
	if s.to == episode.Pending {
		return
	}
	if s.from != s.to {
		s.from = "" // new to this account
	}
	w.accounts.apply(s)
}
