package account

import (
	"cmp"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// lane is a part of a sink that shows the order of its records, for one key.
type lane struct{ sink, part, key string }

// lanes follow the order of records. A record is reordered if its lane has shown a record
// of the same key that was sent later. Between two parts of a sink there is no order.
type lanes struct {
	// sequence counts the records in the order of sending.
	sequence int
	// newest is the record of each lane that was sent last.
	newest map[lane]*entry
	// held are the lanes of which a record is the newest, so that a forgotten record leaves
	// nothing behind.
	held map[*entry][]lane
}

func newLanes() lanes { return lanes{newest: map[lane]*entry{}, held: map[*entry][]lane{}} }

// join gives a record its place in the order of sending.
func (l *lanes) join(e *entry) {
	l.sequence++
	e.sequence = l.sequence
}

// passed notes a sighting of a record, and returns its order; "" if the sink shows none.
// After a restart a sink finds the records again that it has shown before, in their order.
func (l *lanes) passed(sink, part string, e *entry) episode.RecordOrder {
	if part == "" {
		return ""
	}
	at := lane{sink, part, e.record.Key}
	if last := l.newest[at]; last != nil && last.sequence > e.sequence {
		return episode.Reordered
	}
	if l.newest[at] != e {
		l.newest[at] = e
		l.held[e] = append(l.held[e], at)
	}
	return episode.InOrder
}

// leave forgets a record.
func (l *lanes) leave(e *entry) {
	for _, at := range l.held[e] {
		if l.newest[at] == e {
			delete(l.newest, at)
		}
	}
	delete(l.held, e)
}

// bySending compares two stored records by the order in which they were sent.
func bySending(a, b episode.ProbeRecord) int {
	return cmp.Or(a.Intended.Compare(b.Intended), cmp.Compare(a.Round, b.Round), cmp.Compare(len(a.Seed), len(b.Seed)),
		cmp.Compare(a.Seed, b.Seed))
}
