package synthetic

import (
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

const (
	// recentFor and maxRecent bound the events that are kept for windows.
	recentFor = time.Hour
	maxRecent = 8192
)

// recent keeps the samples of the latest changes in the history, for measuring windows.
type recent struct {
	mu     sync.Mutex
	events []event // in the order of time
}

// event is the content of one write to the history.
type event struct {
	at      time.Time
	samples []account.Sample
}

func (r *recent) add(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	old, _ := slices.BinarySearchFunc(r.events, e.at.Add(-recentFor), func(e event, at time.Time) int {
		return e.at.Compare(at)
	})
	if drop := max(old, len(r.events)-maxRecent); drop > 0 {
		clear(r.events[:drop])
		r.events = r.events[drop:] // append moves those that are left when it needs room
	}
}

// since returns the events at or after a time.
func (r *recent) since(from time.Time) []event {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, _ := slices.BinarySearchFunc(r.events, from, func(e event, at time.Time) int { return e.at.Compare(at) })
	return slices.Clone(r.events[first:])
}

// samplesBefore returns the samples of the events before a time.
func samplesBefore(events []event, to time.Time) (samples []account.Sample) {
	for _, e := range events {
		if e.at.Before(to) {
			samples = append(samples, e.samples...)
		}
	}
	return samples
}
