package scaletest

import (
	"cmp"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
)

// countFound takes the reading of all documents for a count, if it shows more than the last one.
// The caller holds mu.
func (s *indexSink) countFound(l *ledger, middle int64) {
	documents := documentsOf(s.found)
	if s.of != l {
		s.of, s.curve, s.last = l, nil, 0
	}
	if len(s.curve) > 0 && s.curve[len(s.curve)-1].count >= documents || documents == 0 {
		return
	}
	s.curve = append(s.curve, visible{documents, s.last, middle})
}

func documentsOf(found []elasticsearch.Found) (n int64) {
	for _, f := range found {
		n += f.Documents
	}
	return n
}

// gap is the longest time between two counts in which documents became visible, if it is much
// longer than planned; 0 otherwise. The caller holds mu.
func (s *indexSink) gap() time.Duration {
	longest := int64(0)
	for _, v := range s.curve {
		longest = max(longest, v.till-v.after)
	}
	return tooLong(longest, s.every)
}

// tooLong is a time between two looks at a sink if it is much longer than planned; 0 otherwise.
func tooLong(between int64, every time.Duration) time.Duration {
	if gap := time.Duration(between); gap > max(time.Second, mostPolls*every) {
		return gap
	}
	return 0
}

// mostPolls is how many poll intervals two looks may be apart without a note.
const mostPolls = 5

// placeAll gives every found record the moment at which it became visible. Stamps that
// contradict each other say nothing of the order of indexing: that of sending stands in.
func (s *indexSink) placeAll(sink int, l *ledger) {
	sent := func(a, b int) int { return cmp.Compare(l.sent[s.at[a]], l.sent[s.at[b]]) }
	s.contradiction = 0
	s.placeInOrder(sink, l, func(a, b int) int {
		return cmp.Or(s.found[a].Indexed.Compare(s.found[b].Indexed), sent(a, b))
	})
	if o := s.offset(l); o != nil && o.Low-o.High > mostContradiction.Seconds() {
		s.contradiction = o.Low - o.High
		s.placeInOrder(sink, l, sent)
	}
}

// placeInOrder gives the records their moments in an order of indexing. Further documents of a record
// count in the curve too; they are taken to be spread evenly.
func (s *indexSink) placeInOrder(sink int, l *ledger, before func(a, b int) int) {
	order := make([]int, len(s.found))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, before)
	l.mu.Lock()
	defer l.mu.Unlock()
	arrived := newArrivals(l.n)
	documents := documentsOf(s.found)
	if len(s.curve) == 0 {
		return
	}
	step := 0
	for rank, k := range order {
		position := int64(rank) * documents / int64(len(order))
		for step < len(s.curve)-1 && s.curve[step].count <= position {
			step++
		}
		v := s.curve[step]
		s.till[k] = v.till
		i := s.at[k]
		// A record that was sent after the previous count became visible after that.
		moment := (max(v.after, l.sent[i]) + v.till) / 2
		arrived.seen[i] = moment
		arrived.distinct++
		arrived.duplicates += s.found[k].Documents - 1
		arrived.last = max(arrived.last, moment)
	}
	arrived.moved = max(l.arrivals[sink].moved, s.curve[len(s.curve)-1].till)
	l.arrivals[sink] = arrived
}
