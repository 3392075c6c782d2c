package synthetic

import (
	"context"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// SourceView tells how far the probed job has read its source topic.
type SourceView interface {
	// ReadOffsets returns what the job has read of the topic; nil while that is not known.
	ReadOffsets() *snapshot.ReadOffsets
}

// look is one look at how far the job has read the source topic.
type look struct {
	at   Moment
	last map[int32]int64
	// age is the most by which the look was older than at; 0 if that is not known.
	age time.Duration
}

// shows reports whether the job had read the record.
func (l *look) shows(e *entry) bool {
	if l == nil || e.offset < 0 {
		return false
	}
	last, read := l.last[e.record.Partition]
	return read && last >= e.offset
}

// looked processes a look at what the job has read; nil means that it is not known now.
func (t *tracker) looked(l *look) {
	earlier := t.look
	for _, e := range t.entries {
		if l.shows(e) {
			t.read(e, l.at)
		}
	}
	if t.look, t.resolution = l, 0; l != nil && earlier != nil && l.age > 0 {
		t.resolution = l.at.Since(earlier.at) + l.age
	}
}

// located notes the offset of an acknowledged record in its partition; below 0 it is not known. A
// look from before the record was sent cannot show it: such offsets are those of an earlier topic
// of that name, which the job has not noticed yet.
func (t *tracker) located(e *entry, offset int64, now Moment) {
	e.offset = offset
	switch {
	case !t.look.shows(e):
	case t.look.at.Before(e.sent):
		e.offset = noOffset
	default:
		t.read(e, now)
	}
}

// noOffset is the offset of a record that the brokers did not tell.
const noOffset = -1

// read notes that the job has read a record at a moment or earlier. It is not noted of a record
// of an earlier process, because no process looked between the two.
func (t *tracker) read(e *entry, by Moment) {
	if e.read || e.restored {
		return
	}
	e.read = true
	e.add(sample{latency: max(0, by.Since(e.sent)), quality: bound, resolution: max(0, by.Since(t.unread(e)))})
}

// shown notes that a sink shows a record, so the job has read it. It counts only while looks are
// known: without any, nothing would tell a late look from none.
func (t *tracker) shown(seed string, now Moment) {
	if e := t.entries[seed]; e != nil && t.look != nil {
		t.read(e, now)
	}
}

// unread is the last moment at which the record was certainly not read.
func (t *tracker) unread(e *entry) Moment {
	if t.look == nil || t.look.age == 0 || e.offset < 0 || t.look.shows(e) {
		return e.sent
	}
	if before := t.look.at.Add(-t.look.age); e.sent.Before(before) {
		return before
	}
	return e.sent
}

// readingEvery is the time between two questions for a new look. A look is as new as the
// collector's last poll of Flink.
const readingEvery = 500 * time.Millisecond

// followReading passes each new look to the tracker until ctx ends.
func (p *Prober) followReading(ctx context.Context) {
	var last time.Time
	for Sleep(ctx, readingEvery) {
		found := p.reading.ReadOffsets()
		switch {
		case found == nil && !last.IsZero():
			last = time.Time{}
			p.recorder.note(func(t *tracker) { t.looked(nil) })
		case found != nil && !found.At.Equal(last):
			last = found.At
			l := &look{at: p.momentOf(found.At), last: found.Last, age: found.Age}
			p.recorder.update(func(t *tracker) { t.looked(l) })
		}
	}
}

// momentOf converts a time of this process, which still has Go's monotonic reading.
func (p *Prober) momentOf(at time.Time) Moment {
	now := p.clock()
	return now.Add(at.Sub(now.wall))
}

// ingestedUpperBound summarises the bounds among samples; nil if there are none.
func ingestedUpperBound(samples []sample) *episode.UpperBound {
	var values []float64
	out := &episode.UpperBound{}
	for _, s := range samples {
		if s.quality == bound {
			values = append(values, s.latency.Seconds())
			out.Resolution = max(out.Resolution, s.resolution.Seconds())
		}
	}
	if len(values) == 0 {
		return nil
	}
	out.Count, out.Max = len(values), slices.Max(values)
	out.P50, _ = stat.Quantile(values, 0.50)
	out.P99, _ = stat.Quantile(values, 0.99)
	return out
}
