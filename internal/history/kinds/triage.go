package kinds

import (
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Triages are what people say of change points.
var Triages = ledger.Timeline[episode.Triage]{
	Entries: ledger.BucketTriage, ByJob: ledger.BucketTriageJob, Limit: MaxTriage, Of: episode.Triage.JobRef,
}

// PutTriage stores what people say of a change point, in place of an earlier triage with the
// same id. The error is an [*ledger.InvalidError] for one that is too large or in the future.
func (s *Entries) PutTriage(one episode.Triage) error {
	return s.file.Update(func(t *ledger.Txn) error {
		id, err := s.checkID("change point", one.ID)
		if err != nil {
			return err
		}
		return Triages.Put(t, id, one)
	})
}

// Triages returns the triages of the newest change points of jobs that match of, newest change
// first. A limit of 0 means [Limits.Default]; the maximum is [Limits.Most].
func (s *Entries) Triages(of episode.JobRef, limit int) (out []episode.Triage, err error) {
	err = s.file.View(func(tx *bbolt.Tx) (err error) {
		out, err = Triages.List(tx, s.window(of, time.Time{}, time.Time{}, limit))
		return err
	})
	return out, err
}
