package history

import (
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var triages = timeline[episode.Triage]{
	entries: bucketTriage, byJob: bucketTriageJob, limit: MaxTriage, of: episode.Triage.JobRef,
}

// PutTriage stores what people say of a change point, in place of an earlier triage with the
// same id. The error is an [*InvalidError] for one that is too large or in the future.
func (s *Store) PutTriage(one episode.Triage) error {
	return s.update(func(t *txn) error {
		id, err := s.checkID("change point", one.ID)
		if err != nil {
			return err
		}
		return triages.put(t, id, one)
	})
}

// Triages returns the triages of the newest change points of jobs that match of, newest change
// first. A limit of 0 means [DefaultLimit]; the maximum is [MaxLimit].
func (s *Store) Triages(of episode.JobRef, limit int) (out []episode.Triage, err error) {
	err = s.view(func(tx *bbolt.Tx) (err error) {
		out, err = triages.list(tx, newWindow(of, time.Time{}, time.Time{}, limit))
		return err
	})
	return out, err
}
