package kinds

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Measurements are those of windows, rounds and episodes.
var Measurements = ledger.Timeline[episode.Measurement]{
	Entries: ledger.BucketMeasures, ByJob: ledger.BucketMeasuresJob, Limit: MaxMeasurement,
	Of: episode.Measurement.JobRef,
}

// PutMeasurement stores measurements, all or none. It replaces those with the same id.
// The error is an [*ledger.InvalidError] for a measurement that is too large or in the future.
func (s *Entries) PutMeasurement(ms ...episode.Measurement) error {
	if len(ms) == 0 {
		return nil
	}
	return s.file.Update(func(t *ledger.Txn) error {
		for _, m := range ms {
			id, err := s.checkID("measurement", m.ID)
			if err != nil {
				return err
			}
			if err := Measurements.Put(t, id, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Measurements returns the newest measurements, newest first. It selects those whose
// job matches of, that are older than the measurement with the id before unless before
// is empty, and that began at or after from and before to; a zero time is no bound. A
// limit of 0 means [Limits.Default]; the maximum is [Limits.Most].
func (s *Entries) Measurements(
	of episode.JobRef, before string, from, to time.Time, limit int,
) (out []episode.Measurement, err error) {
	w, err := s.window(of, from, to, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: measurements: %w", err)
	}
	err = s.file.View(func(tx *bbolt.Tx) error {
		out, err = Measurements.List(tx, w)
		return err
	})
	return out, err
}

// Epochs are those of all jobs.
var Epochs = ledger.Timeline[episode.Epoch]{
	Entries: ledger.BucketEpochs, ByJob: ledger.BucketEpochsJob, Limit: MaxEpoch,
	Of: episode.Epoch.JobRef,
}

// PutEpoch stores the present epoch of a job. It returns true if the epoch is new: it
// differs from the job's newest epoch. If it is the same epoch at another scale, it
// replaces the newest one. A caller that knows another begin of the same epoch has less
// information and changes nothing. The error is an [*ledger.InvalidError] for an epoch that is
// too large or in the future.
func (s *Entries) PutEpoch(e episode.Epoch) (isNew bool, err error) {
	if e.Began.After(s.file.Now().Add(ledger.MaxAhead)) {
		return false, ledger.Invalid("epoch "+e.Key, "it began in the future (set the clocks)")
	}
	err = s.file.Update(func(t *ledger.Txn) error {
		last, ok, err := newestEpoch(t.Tx, e.Cluster, e.Job)
		if err != nil {
			return err
		}
		isNew = !ok || last.Key != e.Key
		if !isNew && !last.Began.Equal(e.Began) {
			return nil
		}
		return Epochs.Put(t, epochID(e), e)
	})
	return isNew && err == nil, err
}

// Epochs returns the newest epochs of jobs that match of, newest first. A limit of 0 means
// [Limits.Default]; the maximum is [Limits.Most].
func (s *Entries) Epochs(of episode.JobRef, limit int) (out []episode.Epoch, err error) {
	return s.EpochsOf(of, time.Time{}, time.Time{}, limit)
}

// EpochsOf is [Entries.Epochs] of those that began at from or later and before to; the zero time is
// open.
func (s *Entries) EpochsOf(of episode.JobRef, from, to time.Time, limit int) (out []episode.Epoch, err error) {
	err = s.file.View(func(tx *bbolt.Tx) error {
		out, err = Epochs.List(tx, s.window(of, from, to, limit))
		return err
	})
	return out, err
}

func newestEpoch(tx *bbolt.Tx, cluster, job string) (episode.Epoch, bool, error) {
	for id := range Epochs.Backwards(tx, ledger.NewWindow(episode.JobRef{Job: job}, time.Time{}, time.Time{}, 1)) {
		e, ok, err := Epochs.Get(tx, id)
		if err != nil || ok && e.Cluster == cluster && e.Job == job {
			return e, err == nil, err
		}
	}
	return episode.Epoch{}, false, nil
}

// epochID derives the id of an epoch from its begin and a hash of the rest, so that the
// same epoch has the same id.
func epochID(e episode.Epoch) ulid.ULID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", e.Cluster, e.Job, e.Key))
	return ledger.NewID(e.Began, sum[:])
}

// IsNewest reports whether an epoch is the present one of its job.
func IsNewest(t *ledger.Txn) func(ulid.ULID, episode.Epoch) bool {
	return func(id ulid.ULID, e episode.Epoch) bool {
		last, ok, err := newestEpoch(t.Tx, e.Cluster, e.Job)
		return err != nil || ok && epochID(last) == id
	}
}
