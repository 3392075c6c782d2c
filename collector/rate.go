package collector

import "time"

// counts are the counters of one run of a job, as fetched at one moment.
type counts struct {
	// uptime is the job's uptime in seconds when the counters were fetched;
	// nil if unknown.
	uptime *float64
	// read is when we read them.
	read   time.Time
	values map[string]float64
}

// newCounts returns counts that hold nothing yet.
func newCounts(uptime *float64, read time.Time) counts {
	return counts{uptime: uptime, read: read, values: map[string]float64{}}
}

// set notes a counter unless it is unknown.
func (c counts) set(key string, value *float64) {
	if value != nil {
		c.values[key] = *value
	}
}

// since is the time in seconds from an earlier fetch to this one. It is 0 if
// the two are the same fetch, and negative if the job restarted in between.
func (c counts) since(earlier counts) float64 {
	if c.uptime != nil && earlier.uptime != nil {
		return *c.uptime - *earlier.uptime
	}
	return c.read.Sub(earlier.read).Seconds()
}

// meter turns counters of successive polls into rates per second.
type meter struct {
	last  counts
	rates map[string]float64
	// changes are how much each value grew in a second, whether it went up or
	// down.
	changes map[string]float64
	// passed is the time in seconds that both are over.
	passed float64
}

// update takes the counters of this poll. A counter that is new, or that went
// back because its task started again, has no rate until the next one. If
// nothing was fetched since the last poll the rates stay as they are.
func (m *meter) update(now counts) {
	passed := now.since(m.last)
	if passed == 0 && m.last.values != nil {
		return
	}
	rates, changes := map[string]float64{}, map[string]float64{}
	for key, value := range now.values {
		before, counted := m.last.values[key]
		if !counted || passed <= 0 {
			continue
		}
		changes[key] = (value - before) / passed
		if value >= before {
			rates[key] = changes[key]
		}
	}
	m.last, m.rates, m.changes, m.passed = now, rates, changes, passed
}

// read returns a counter and the uptime of the fetch it comes from, nil unless
// both are known.
func (m *meter) read(key string) *Reading {
	value, counted := m.last.values[key]
	if !counted || m.last.uptime == nil {
		return nil
	}
	return &Reading{Uptime: *m.last.uptime, SourceRecords: value}
}

// forget drops everything: the next counters are the first.
func (m *meter) forget() { *m = meter{} }

// change is by how much a value that is no counter grew in a second; known is
// false if it has not been read twice.
func (m *meter) change(key string) (perSecond float64, known bool) {
	perSecond, known = m.changes[key]
	return perSecond, known
}

// rate returns the rate of a counter, nil if it is unknown.
func (m *meter) rate(key string) *float64 {
	if rate, ok := m.rates[key]; ok {
		return &rate
	}
	return nil
}
