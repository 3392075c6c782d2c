package kinds

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// PutOutcome stores what came of a finding, in any state of its episode, in place of an
// earlier outcome. It returns false if there is no such episode or finding, or if the stored
// outcome is final.
func (s *Entries) PutOutcome(id string, outcome episode.Outcome) (stored bool, err error) {
	return s.amend(id, func(e *episode.Episode) bool {
		if was, ok := e.OutcomeOf(outcome.Finding); ok && was.Final || !e.HasFinding(outcome.Finding) {
			return false
		}
		e.Outcomes = slices.DeleteFunc(e.Outcomes, func(o episode.Outcome) bool { return o.Finding == outcome.Finding })
		e.Outcomes = append(e.Outcomes, outcome)
		return true
	})
}
