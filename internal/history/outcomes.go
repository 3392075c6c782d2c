package history

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// PutOutcome stores what came of a finding, in any state of its episode, in place of an
// earlier outcome. It returns false if there is no such episode or finding, or if the stored
// outcome is final.
func (s *Store) PutOutcome(id string, outcome episode.Outcome) (stored bool, err error) {
	key, err := parseID(id)
	if err != nil {
		return false, fmt.Errorf("history: episode: %w", err)
	}
	err = s.update(func(t *txn) error {
		stored = false
		e, ok, err := episodes.get(t.Tx, key)
		if err != nil || !ok || !e.HasFinding(outcome.Finding) {
			return err
		}
		if was, ok := e.OutcomeOf(outcome.Finding); ok && was.Final {
			return nil
		}
		e.Outcomes = slices.DeleteFunc(e.Outcomes, func(o episode.Outcome) bool { return o.Finding == outcome.Finding })
		e.Outcomes, stored = append(e.Outcomes, outcome), true
		return putBoth(t, key, e)
	})
	return stored && err == nil, err
}
