package signal

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// counter is the past of one counter, for its rate.
type counter struct {
	last  float64
	total float64 // increase since the first page, over resets
	past  []reading
}

type reading struct {
	at    time.Time
	total float64
}

// add notes a value of the counter. A value below the last one is a reset, as in Prometheus.
func (c *counter) add(at time.Time, value float64, over time.Duration) {
	if n := len(c.past); n > 0 {
		if gap := at.Sub(c.past[n-1].at); gap > over || gap < 0 {
			*c = counter{}
		}
	}
	switch {
	case len(c.past) == 0:
	case value < c.last:
		c.total += value
	default:
		c.total += value - c.last
	}
	c.last = value
	if n := len(c.past); n == 0 || at.After(c.past[n-1].at) {
		c.past = append(c.past, reading{at, c.total})
	}
	first := slices.IndexFunc(c.past, func(r reading) bool { return at.Sub(r.at) <= over })
	c.past = slices.Delete(c.past, 0, first)
}

// increase is the increase per second over the stretch; ok is false until half of it was
// seen.
func (c *counter) increase(over time.Duration) (perSecond float64, ok bool) {
	first, last := c.past[0], c.past[len(c.past)-1]
	span := last.at.Sub(first.at)
	if span < over/2 {
		return 0, false
	}
	return (last.total - first.total) / span.Seconds(), true
}

// value is what a row says of a subject; ok is false if it is not known.
func (r *Reader) value(at time.Time, row *Row, g group, page map[string][]Series) (value float64, ok bool) {
	switch {
	case row.Quantile > 0:
		return r.quantile(at, row, g)
	case row.Of != "":
		return r.ratio(at, row, g, page)
	case row.Over > 0:
		value, ok = r.rate(at, row, row.Metric, "", g.values)
		return value * max(1, row.Per), ok
	}
	value = g.values[0].Value
	for _, s := range g.values[1:] {
		value = joined(row, value, s.Value)
	}
	return value, !math.IsNaN(value) && !math.IsInf(value, 0)
}

func joined(row *Row, a, b float64) float64 {
	if row.Sum {
		return a + b
	}
	return max(a, b)
}

// rate is the rate of the sum of counters.
func (r *Reader) rate(at time.Time, row *Row, metric, rest string, of []Series) (float64, bool) {
	sum := 0.0
	for _, s := range of {
		sum += s.Value
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return 0, false
	}
	key := counterKey{row.Name, metric, r.labels(row, of[0]), rest}
	if r.counters[key] == nil {
		r.counters[key] = &counter{}
	}
	r.seenPages[key] = r.pages
	r.counters[key].add(at, sum, row.Over)
	return r.counters[key].increase(row.Over)
}

// ratio divides the rates of two counters. Where nothing was counted there is no ratio.
func (r *Reader) ratio(at time.Time, row *Row, g group, page map[string][]Series) (value float64, ok bool) {
	var all []Series
	for _, d := range r.groups(row, page[row.Of], row.OfSelect) {
		if d.labels == g.labels {
			all = d.values
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	// Two keys, because both may be the same metric.
	part, partOK := r.rate(at, row, row.Metric, "", g.values)
	whole, wholeOK := r.rate(at, row, "of "+row.Of, "", all)
	if !partOK || !wholeOK || whole <= 0 {
		return 0, false
	}
	return part / whole, true
}

// restOf is the key of a series by its labels.
func restOf(s Series) string {
	var text strings.Builder
	for _, label := range slices.Sorted(maps.Keys(s.Labels)) {
		text.WriteString(label + "\x1f" + s.Labels[label] + "\x1f")
	}
	return text.String()
}

// forgetAfter is the number of pages after which a series that is gone is forgotten.
const forgetAfter = 1000

// forget drops what has not been on a page for long: session clusters give each job a new
// name, and TaskManagers a new id.
func (r *Reader) forget() {
	r.pages++
	if r.pages%forgetAfter != 0 {
		return
	}
	old := r.pages - forgetAfter
	maps.DeleteFunc(r.runs, func(_ jobKey, of *run) bool { return of.seen < old })
	maps.DeleteFunc(r.lives, func(_ jobKey, of *life) bool { return of.seen < old })
	for key, page := range r.seenPages {
		if page < old {
			delete(r.seenPages, key)
			delete(r.counters, key)
			delete(r.events, key)
		}
	}
}
