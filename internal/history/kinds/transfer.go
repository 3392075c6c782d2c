package kinds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// EntryError says which of several entries cannot be stored.
type EntryError struct {
	// At is its place among them, from 0.
	At  int
	Err error
}

// Error is that of the entry.
func (e *EntryError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the entry.
func (e *EntryError) Unwrap() error { return e.Err }

// Position is the place of the entry, from 0.
func (e *EntryError) Position() int { return e.At }

// PutNew stores entries of another history, all or none, and returns how many are new: episodes,
// measurements, epochs, scale tests and evaluations. One that is there already changes nothing. With
// dry nothing is stored. The error is an [*EntryError] for an entry that cannot be stored, or whose
// place another one has.
func (s *Entries) PutNew(entries []any, dry bool) (added int, err error) {
	arrivals := make([]arrival, len(entries))
	for i, entry := range entries {
		if arrivals[i], err = s.arrivalOf(entry); err != nil {
			return 0, &EntryError{i, err}
		}
	}
	if dry { // a write transaction that is not committed would cost much more
		err = s.file.View(func(tx *bbolt.Tx) error {
			added, err = each(arrivals, func(a arrival) (bool, error) { return a.isNew(tx) })
			return err
		})
		return added, err
	}
	err = s.file.Update(func(t *ledger.Txn) error {
		added, err = each(arrivals, func(a arrival) (bool, error) {
			isNew, err := a.isNew(t.Tx)
			if isNew {
				err = a.put(t)
			}
			return isNew, err
		})
		return err
	})
	return added, err
}

// each counts the arrivals for which take returns true.
func each(arrivals []arrival, take func(arrival) (bool, error)) (n int, err error) {
	for i, a := range arrivals {
		taken, err := take(a)
		if err != nil {
			return 0, &EntryError{i, err}
		}
		if taken {
			n++
		}
	}
	return n, nil
}

// arrival is an entry of another history.
type arrival struct {
	what   string
	limit  int // bytes
	value  any // as it is stored
	stored func(*bbolt.Tx) (v any, ok bool, err error)
	put    func(*ledger.Txn) error
}

// arrivalOf is how an entry is stored. The error refuses its id.
func (s *Entries) arrivalOf(entry any) (arrival, error) {
	switch e := entry.(type) {
	case episode.Episode:
		id, err := s.checkID("episode", e.ID)
		if err == nil && !e.State.Final() {
			err = ledger.Invalid("episode "+e.ID, "it is not finished (leave it out)")
		}
		return arrivalIn(Episodes, "episode", id, e, putBoth), err
	case episode.Measurement:
		id, err := s.checkID("measurement", e.ID)
		return arrivalIn(Measurements, "measurement", id, e, Measurements.Put), err
	case scalerun.Test:
		id, err := s.checkID("scale test", e.ID)
		return arrivalIn(ScaleTests, "scale test", id, storedScaleTest{scaleTestVersion, e},
			func(t *ledger.Txn, id ulid.ULID, of storedScaleTest) error { return putScaleTest(t, id, of.Test) }), err
	case episode.Evaluation:
		id, err := s.checkID("evaluation", e.ID)
		return arrivalIn(Evaluations, "evaluation", id, e, Evaluations.Put), err
	case episode.Epoch:
		id, err := s.checkID("epoch", epochID(e).String())
		return arrivalIn(Epochs, "epoch", id, e, Epochs.Put), err
	}
	return arrival{}, ledger.Invalid(fmt.Sprintf("%T", entry), "it is no kind of entry (report this)")
}

func arrivalIn[T any](
	l ledger.Timeline[T], what string, id ulid.ULID, v T, put func(*ledger.Txn, ulid.ULID, T) error,
) arrival {
	return arrival{
		what: what + " " + id.String(), limit: l.Limit, value: v,
		stored: func(tx *bbolt.Tx) (any, bool, error) { return l.Get(tx, id) },
		put:    func(t *ledger.Txn) error { return put(t, id, v) },
	}
}

// isNew reports whether the history does not have the entry yet. It is an error if it has another one
// in its place.
func (a arrival) isNew(tx *bbolt.Tx) (bool, error) {
	was, stored, err := a.stored(tx)
	switch {
	case err != nil:
		return false, err
	case !stored:
		_, err := ledger.Encode(a.what, a.value, a.limit)
		return err == nil, err
	case sameContent(was, a.value):
		return false, nil
	}
	return false, ledger.Invalid(a.what, "the history has it with another content (import into an empty history)")
}

// sameContent compares entries as JSON in which an empty list is the same as none: the API writes [] in
// place of null.
func sameContent(a, b any) bool {
	ca, errA := contentOf(a)
	cb, errB := contentOf(b)
	return errA == nil && errB == nil && reflect.DeepEqual(ca, cb)
}

func contentOf(v any) (content any, err error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // a seed has more digits than a float64
	err = decoder.Decode(&content)
	return withoutEmpty(content), err
}

// withoutEmpty leaves out what is null or has no content. An empty object or list becomes nil.
func withoutEmpty(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutEmpty(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case map[string]any:
		for key, value := range v {
			if v[key] = withoutEmpty(value); v[key] == nil {
				delete(v, key)
			}
		}
		if len(v) == 0 {
			return nil
		}
	}
	return v
}
