package account

import (
	"maps"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Arrivals tells whether any record reaches any sink.
type Arrivals struct {
	// Since is when the first record was sent of those that Kafka stored since the last
	// sighting; nil if there is none. It is another pointer for each such time.
	Since *clock.Moment
	// Records is the number of records that Kafka stored since the last sighting.
	Records int
	// Ever is set if a record was seen, by this process or an earlier one.
	Ever bool
	// Others counts the records without a seed that a sink received meanwhile. A sink
	// that can't tell has no entry.
	Others map[string]int
}

func (a *Arrivals) sent(at clock.Moment) {
	if a.Since == nil {
		a.Since = &at
		clear(a.Others)
	}
	a.Records++
}

func (a *Arrivals) seen() { *a = Arrivals{Ever: true, Others: a.Others} }

// restore continues with the records of an earlier process.
func (a *Arrivals) restore(entries map[string]*entry) {
	var last time.Time
	for _, e := range entries {
		for i := range e.record.Sinks {
			if seen(&e.record.Sinks[i]) && e.record.Intended.After(last) {
				a.Ever, last = true, e.record.Intended
			}
		}
	}
	for _, e := range entries {
		if e.record.Acknowledged == nil || !e.record.Intended.After(last) {
			continue
		}
		if a.sent(e.sent); e.sent.Before(*a.Since) {
			a.Since = &e.sent
		}
	}
}

// Passed counts records of a sink that are not synthetic. They show that the job writes
// there.
func (t *Tracker) Passed(sink string, n int) {
	if t.arrivals.Others == nil {
		t.arrivals.Others = map[string]int{}
	}
	t.arrivals.Others[sink] += n
}

// Arrivals returns whether records arrive now.
func (r *Recorder) Arrivals() (a Arrivals) {
	r.view(func(t *Tracker) {
		a = t.arrivals
		a.Others = maps.Clone(a.Others)
	})
	return a
}
