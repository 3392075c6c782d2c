package account

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Look is one look at how far the job has read the source topic.
type Look struct {
	At clock.Moment
	// Last is the offset of the last record that the job has read, by partition. A partition
	// without an entry is not known.
	Last map[int32]int64
	// Age is the most by which the look was older than At; 0 if that is not known.
	Age time.Duration
}

// shows reports whether the job had read the record.
func (l *Look) shows(e *entry) bool {
	if l == nil || e.offset < 0 {
		return false
	}
	last, read := l.Last[e.record.Partition]
	return read && last >= e.offset
}

// Looked processes a look at what the job has read; nil means that it is not known now.
func (t *Tracker) Looked(l *Look) {
	earlier := t.look
	for _, e := range t.entries {
		if l.shows(e) {
			t.read(e, l.At)
		}
	}
	if t.look, t.resolution = l, 0; l != nil && earlier != nil && l.Age > 0 {
		t.resolution = l.At.Since(earlier.At) + l.Age
	}
}

// located notes the offset of an acknowledged record in its partition; below 0 it is not known. A
// look from before the record was sent cannot show it: such offsets are those of an earlier topic
// of that name, which the job has not noticed yet.
func (t *Tracker) located(e *entry, offset int64, now clock.Moment) {
	e.offset = offset
	switch {
	case !t.look.shows(e):
	case t.look.At.Before(e.sent):
		e.offset = noOffset
	default:
		t.read(e, now)
	}
}

// noOffset is the offset of a record that the brokers did not tell.
const noOffset = -1

// read notes that the job has read a record at a moment or earlier. It is not noted of a record
// of an earlier process, because no process looked between the two.
func (t *Tracker) read(e *entry, by clock.Moment) {
	if e.read || e.restored {
		return
	}
	e.read = true
	e.add(Sample{Latency: max(0, by.Since(e.sent)), Quality: Bound, Resolution: max(0, by.Since(t.unread(e)))})
}

// Shown notes that a sink shows a record, so the job has read it. It counts only while looks are
// known: without any, nothing would tell a late look from none.
func (t *Tracker) Shown(seed string, now clock.Moment) {
	if e := t.entries[seed]; e != nil && t.look != nil {
		t.read(e, now)
	}
}

// unread is the last moment at which the record was certainly not read.
func (t *Tracker) unread(e *entry) clock.Moment {
	if t.look == nil || t.look.Age == 0 || e.offset < 0 || t.look.shows(e) {
		return e.sent
	}
	if before := t.look.At.Add(-t.look.Age); e.sent.Before(before) {
		return before
	}
	return e.sent
}
