package history

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var evaluations = timeline[episode.Evaluation]{
	entries: bucketEvaluations, byJob: bucketEvaluationsJob, limit: MaxEvaluation,
	of: func(e episode.Evaluation) episode.JobRef { return e.JobRef() },
}

// PutEvaluation stores an evaluation, and replaces the one with the same id. How it was announced
// stays unless e says it. The error is an
// [*InvalidError] for one that is too large or in the future.
func (s *Store) PutEvaluation(e episode.Evaluation) error {
	return s.update(func(t *txn) error {
		id, err := s.checkID("evaluation", e.ID)
		if err != nil {
			return err
		}
		stored, _, err := evaluations.get(t.Tx, id)
		if err != nil {
			return err
		}
		if e.Announced == nil {
			e.Announced = stored.Announced
		}
		return evaluations.put(t, id, e)
	})
}

// Evaluations returns the newest evaluations of jobs that match of, newest first, older than
// the one with the id before unless that is empty. A limit of 0 means [DefaultLimit]; the
// maximum is [MaxLimit].
func (s *Store) Evaluations(of episode.JobRef, before string, limit int) (out []episode.Evaluation, err error) {
	w, err := newWindow(of, time.Time{}, time.Time{}, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: evaluations: %w", err)
	}
	err = s.view(func(tx *bbolt.Tx) (err error) {
		out, err = evaluations.list(tx, w)
		return err
	})
	return out, err
}
