package collector

import "github.com/flink-sidecar/flink-sidecar/internal/flink"

// sourceCount adds up what the sources of a job have read. Which counter says
// that depends on the version of Flink and the kind of source: the operator's
// own if it counts, otherwise the task's. The kind tells the choice, so that
// counts of different choices are never compared.
type sourceCount struct {
	sum     float64
	kind    string
	sources int
	unknown bool
}

// readCount is what a source has read, and the counter that says so.
type readCount struct {
	kind  string
	value *float64
}

// add counts a source, of which names are listed, and returns what it read; nil
// if that is unknown.
func (s *sourceCount) add(found flink.Aggregates, names *catalogue, v Vertex) (read *float64) {
	s.sources++
	best := readBy(found, names, v)
	if best.value == nil {
		s.unknown = true
		return nil
	}
	s.sum += *best.value
	s.kind += v.ID + " " + best.kind + ";"
	return best.value
}

// readBy chooses among the counters of a source. Where Flink lists a counter of
// the operator and does not tell it at this poll, what the task sent is no
// stand-in: the count would fall and rise again. What the task received is, since
// Flink 2 where it is the same counter. A source that finished keeps what was seen
// last.
func readBy(found flink.Aggregates, names *catalogue, v Vertex) readCount {
	in, out := sumOver(found, sourcePrefix, recordsIn), sumOver(found, sourcePrefix, recordsOut)
	taskIn, taskOut := readCount{"task in", v.RecordsIn}, readCount{"task out", v.RecordsOut}
	told := names.tellsOf(sourcePrefix, recordsIn) || names.tellsOf(sourcePrefix, recordsOut)
	switch {
	case in != nil || out != nil:
		best := firstAbove(readCount{"operator in", in}, readCount{"operator out", out}, taskIn, taskOut)
		names.read = best
		return best
	case told && v.RecordsIn != nil && *v.RecordsIn > 0:
		return taskIn
	case v.finished && names.read.value != nil:
		return names.read
	case told && !v.finished:
		return readCount{}
	}
	return firstAbove(taskIn, taskOut)
}

// firstAbove is the first that is above 0, or else the first that is known.
func firstAbove(choices ...readCount) (best readCount) {
	for _, c := range choices {
		if c.value != nil && (best.value == nil || *best.value == 0 && *c.value > 0) {
			best = c
		}
	}
	return best
}

// total is nil unless every source is known.
func (s *sourceCount) total() *float64 {
	if s.unknown || s.sources == 0 {
		return nil
	}
	return &s.sum
}
