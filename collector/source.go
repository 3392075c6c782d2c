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

func (s *sourceCount) add(found flink.Aggregates, v Vertex) {
	s.sources++
	choices := []struct {
		kind  string
		value *float64
	}{
		{"operator in", sumOver(found, sourcePrefix, recordsIn)},
		{"operator out", sumOver(found, sourcePrefix, recordsOut)},
		{"task in", v.RecordsIn},
		{"task out", v.RecordsOut},
	}
	best := -1
	for i, c := range choices {
		if c.value != nil && (best < 0 || *choices[best].value == 0 && *c.value > 0) {
			best = i
		}
	}
	if best < 0 {
		s.unknown = true
		return
	}
	s.sum += *choices[best].value
	s.kind += v.ID + " " + choices[best].kind + ";"
}

// total is nil unless every source is known.
func (s *sourceCount) total() *float64 {
	if s.unknown || s.sources == 0 {
		return nil
	}
	return &s.sum
}
