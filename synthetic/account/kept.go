package account

import "iter"

// Keep begins to keep the results of a round's records, because the round may last
// longer than its records are remembered. The caller must call Release.
func (t *Tracker) Keep(round string) { t.kept[round] = nil }

// Release ends Keep and drops the results of the round's forgotten records.
func (t *Tracker) Release(round string) { delete(t.kept, round) }

// forget removes a record whose outcomes are final and stored. The sinks no longer look
// for it. If its round is kept, its result stays until Release.
func (t *Tracker) forget(seed string, e *entry) {
	delete(t.entries, seed)
	t.lanes.leave(e)
	if kept, ok := t.kept[e.record.Round]; ok {
		e.places = nil // no more sightings
		t.kept[e.record.Round] = append(kept, e)
	}
}

// ofRound returns the records of a round, with the forgotten ones if the round is kept.
func (t *Tracker) ofRound(round string) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, e := range t.kept[round] {
			if !yield(e) {
				return
			}
		}
		for _, e := range t.entries {
			if e.record.Round == round && !yield(e) {
				return
			}
		}
	}
}
