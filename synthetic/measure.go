package synthetic

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
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

// hopsOf summarises samples by hop, in the given order. Hops without samples are left
// out.
func hopsOf(samples []sample, order []string) []episode.Hop {
	byHop := map[string][]float64{}
	for _, s := range samples {
		if s.quality == measured {
			byHop[s.hop] = append(byHop[s.hop], s.latency.Seconds())
		}
	}
	var hops []episode.Hop
	for _, name := range order {
		values := byHop[name]
		if len(values) == 0 {
			continue
		}
		p50, _ := stat.Quantile(values, 0.50)
		p99, _ := stat.Quantile(values, 0.99)
		hops = append(hops, episode.Hop{Name: name, Count: len(values), P50: p50, P99: p99, Max: slices.Max(values)})
	}
	return hops
}

// latencyWarnings reports the number of records per hop without a usable latency.
func latencyWarnings(samples []sample, order []string) []string {
	type doubt struct {
		hop     string
		quality quality
	}
	counts := map[doubt]int{}
	for _, s := range samples {
		counts[doubt{s.hop, s.quality}]++
	}
	var warnings []string
	for _, hop := range order {
		if n := counts[doubt{hop, unmeasured}]; n > 0 {
			warnings = append(
				warnings,
				fmt.Sprintf("%d records passed %s while the sink was not read: their latency is not known", n, hop),
			)
		}
		if n := counts[doubt{hop, rejected}]; n > 0 {
			warnings = append(
				warnings,
				fmt.Sprintf(
					"%d latencies of %s were left out: the clocks they come from contradict each other", n, hop,
				),
			)
		}
	}
	return warnings
}
