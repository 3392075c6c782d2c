package history

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var measurements = timeline[episode.Measurement]{
	entries: bucketMeasures, byJob: bucketMeasuresJob, limit: MaxMeasurement,
	of: episode.Measurement.JobRef,
}

// PutMeasurement stores measurements, all or none. It replaces those with the same id.
// The error is an [*InvalidError] for a measurement that is too large or in the future.
func (s *Store) PutMeasurement(ms ...episode.Measurement) error {
	if len(ms) == 0 {
		return nil
	}
	return s.update(func(t *txn) error {
		for _, m := range ms {
			id, err := s.checkID("measurement", m.ID)
			if err != nil {
				return err
			}
			if err := measurements.put(t, id, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Measurements returns the newest measurements, newest first. It selects those whose
// job matches of, that are older than the measurement with the id before unless before
// is empty, and that began at or after from and before to; a zero time is no bound. A
// limit of 0 means [DefaultLimit]; the maximum is [MaxLimit].
func (s *Store) Measurements(
	of episode.JobRef, before string, from, to time.Time, limit int,
) (out []episode.Measurement, err error) {
	w, err := newWindow(of, from, to, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: measurements: %w", err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		out, err = measurements.list(tx, w)
		return err
	})
	return out, err
}

var epochs = timeline[episode.Epoch]{
	entries: bucketEpochs, byJob: bucketEpochsJob, limit: MaxEpoch,
	of: episode.Epoch.JobRef,
}

// PutEpoch stores the present epoch of a job. It returns true if the epoch is new: it
// differs from the job's newest epoch. If it is the same epoch at another scale, it
// replaces the newest one. A caller that knows another begin of the same epoch has less
// information and changes nothing. The error is an [*InvalidError] for an epoch that is
// too large or in the future.
func (s *Store) PutEpoch(e episode.Epoch) (isNew bool, err error) {
	if e.Began.After(s.Now().Add(maxAhead)) {
		return false, &InvalidError{"epoch " + e.Key, "it began in the future (set the clocks)"}
	}
	err = s.update(func(t *txn) error {
		last, ok, err := newestEpoch(t.Tx, e.Cluster, e.Job)
		if err != nil {
			return err
		}
		isNew = !ok || last.Key != e.Key
		if !isNew && !last.Began.Equal(e.Began) {
			return nil
		}
		return epochs.put(t, epochID(e), e)
	})
	return isNew && err == nil, err
}

// Epochs returns the newest epochs of jobs that match of, newest first. A limit of 0 means
// [DefaultLimit]; the maximum is [MaxLimit].
func (s *Store) Epochs(of episode.JobRef, limit int) (out []episode.Epoch, err error) {
	return s.EpochsOf(of, time.Time{}, time.Time{}, limit)
}

// EpochsOf is [Store.Epochs] of those that began at from or later and before to; the zero time is
// open.
func (s *Store) EpochsOf(of episode.JobRef, from, to time.Time, limit int) (out []episode.Epoch, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		out, err = epochs.list(tx, newWindow(of, from, to, limit))
		return err
	})
	return out, err
}

func newestEpoch(tx *bbolt.Tx, cluster, job string) (episode.Epoch, bool, error) {
	for id := range epochs.backwards(tx, newWindow(episode.JobRef{Job: job}, time.Time{}, time.Time{}, 1)) {
		e, ok, err := epochs.get(tx, id)
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
	return newID(e.Began, sum[:])
}
