package successive

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Counts are counters that were fetched together.
type Counts struct {
	// clock is the time of the fetch in seconds, by a clock that was fetched with the
	// counters; nil if there is none.
	clock *float64
	// read is when we read them.
	read time.Time
	// Tasks is how many subtasks they are of; counts of different subtasks are not
	// compared.
	Tasks  int
	values map[string]float64
}

// NewCounts returns counts that hold nothing yet.
func NewCounts(clock *float64, read time.Time) Counts {
	return Counts{clock: clock, read: read, values: map[string]float64{}}
}

// Set stores a counter unless it is unknown.
func (c Counts) Set(key string, value *float64) {
	if value != nil {
		c.values[key] = *value
	}
}

// time is the clock in seconds, 0 without one.
func (c Counts) time() float64 {
	if c.clock == nil {
		return 0
	}
	return *c.clock
}

// since is the time in seconds from an earlier fetch to this one. It is 0 if
// the two are the same fetch, and negative if tasks started anew in between.
func (c Counts) since(earlier Counts) float64 {
	if c.clock != nil && earlier.clock != nil {
		return *c.clock - *earlier.clock
	}
	return c.read.Sub(earlier.read).Seconds()
}

// Meter turns counters of successive polls into rates per second.
type Meter struct {
	last  Counts
	rates map[string]float64
	// Fell is true if a counter or the clock went back at the last update: a task started
	// anew.
	Fell bool
	// drift is by how many seconds the clock was ahead of ours in recent updates.
	drift float64
	// uptime is the clock, in seconds, continued where the number of subtasks changed.
	uptime float64
}

// Update takes the counters of this poll. A counter that is new, or that went back
// because its task restarted, has no rate until the next poll. If nothing was fetched
// since the last poll the rates stay as they are.
func (m *Meter) Update(now Counts) {
	passed := now.since(m.last)
	changed := m.last.values != nil && now.Tasks != m.last.Tasks
	switch {
	case changed: // the clocks and the counters are of different subtasks
		m.uptime += max(0, now.read.Sub(m.last.read).Seconds())
		passed = 0
	case passed == 0 && m.last.values != nil:
		return
	case m.last.values == nil || passed < 0:
		m.uptime = now.time()
	default:
		m.uptime += passed
	}
	if passed > 0 && m.last.values != nil {
		m.drift = forgets*m.drift + passed - now.read.Sub(m.last.read).Seconds()
	}
	rates, fell := map[string]float64{}, passed < 0
	for key, value := range now.values {
		before, counted := m.last.values[key]
		if !counted || passed <= 0 {
			continue
		}
		if value < before {
			fell = true
			continue
		}
		rates[key] = (value - before) / passed
	}
	m.last, m.rates, m.Fell = now, rates, fell
}

// A fetch is at most ten seconds old, so the clock of the tasks is hardly more than that
// ahead of ours or behind. forgets is the part of a drift that the next update keeps: what
// one fetch is late the next is early, but a clock that runs wrong drifts on and on.
const (
	mostDrift = 15.0
	forgets   = 0.9
)

// Behind reports whether counters are of before the last update: tasks started anew.
func (m *Meter) Behind(now Counts) bool { return now.since(m.last) < 0 }

// drifts reports whether the clock of the tasks runs wrong: that of one subtask may stand
// still, and it is their mean.
func (m *Meter) drifts() bool { return math.Abs(m.drift) > mostDrift }

// Read returns a counter and the time of the fetch it comes from, nil unless both are
// known.
func (m *Meter) Read(key string) *snapshot.Reading {
	value, counted := m.last.values[key]
	if !counted || m.last.clock == nil || m.drifts() {
		return nil
	}
	return &snapshot.Reading{Uptime: m.uptime, SourceRecords: value}
}

// Forget drops everything: the next counters are the first.
func (m *Meter) Forget() { *m = Meter{} }

// Rate returns the rate of a counter, nil if it is unknown.
func (m *Meter) Rate(key string) *float64 {
	if value, ok := m.rates[key]; ok && !m.drifts() {
		return &value
	}
	return nil
}
