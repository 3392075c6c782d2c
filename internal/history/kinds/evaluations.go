package kinds

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Evaluations are the results of sidecar evaluate.
var Evaluations = ledger.Timeline[episode.Evaluation]{
	Entries: ledger.BucketEvaluations, ByJob: ledger.BucketEvaluationsJob, Limit: MaxEvaluation,
	Of: func(e episode.Evaluation) episode.JobRef { return e.JobRef() },
}

// PutEvaluation stores an evaluation, and replaces the one with the same id. How it was announced
// stays unless e says it. The error is an
// [*ledger.InvalidError] for one that is too large or in the future.
func (s *Entries) PutEvaluation(e episode.Evaluation) error {
	return s.file.Update(func(t *ledger.Txn) error {
		id, err := s.checkID("evaluation", e.ID)
		if err != nil {
			return err
		}
		stored, _, err := Evaluations.Get(t.Tx, id)
		if err != nil {
			return err
		}
		if e.Announced == nil {
			e.Announced = stored.Announced
		}
		return Evaluations.Put(t, id, e)
	})
}

// Evaluations returns the newest evaluations of jobs that match of, newest first, older than
// the one with the id before unless that is empty. A limit of 0 means [Limits.Default]; the
// maximum is [Limits.Most].
func (s *Entries) Evaluations(of episode.JobRef, before string, limit int) (out []episode.Evaluation, err error) {
	w, err := s.window(of, time.Time{}, time.Time{}, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: evaluations: %w", err)
	}
	err = s.file.View(func(tx *bbolt.Tx) (err error) {
		out, err = Evaluations.List(tx, w)
		return err
	})
	return out, err
}
