package kinds

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// ScaleRuns returns the newest runs of scale tests of jobs that match of, those with the newest test
// first, whose newest test is older than the one with the id before unless that is empty. It reads no
// test. A limit of 0 means [Limits.Default]; the maximum is [Limits.Most].
func (s *Entries) ScaleRuns(of episode.JobRef, before string, limit int) ([]scalerun.Run, error) {
	w, err := s.window(of, time.Time{}, time.Time{}, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: runs: %w", err)
	}
	out := []scalerun.Run{}
	err = s.file.View(func(tx *bbolt.Tx) (err error) {
		out, err = runs.List(tx, w)
		return err
	})
	return out, err
}

// runs are the list, under the newest test of each. It has no index by job: a run is small.
var runs = ledger.Timeline[scalerun.Run]{Entries: ledger.BucketRunsNewest, Of: scalerun.Run.JobRef}

// runIdentity is the key of a run: two jobs may have runs of one name.
func runIdentity(run string, of episode.JobRef) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", run, of.Cluster, of.Job))
	return sum[:16:16]
}

// listedRun is a run in the list; the zero value if it is not there.
func listedRun(tx *bbolt.Tx, key []byte) (run scalerun.Run, err error) {
	if newest := ledger.Get(tx, ledger.BucketRuns, key); newest != nil {
		_, err = ledger.GetJSON(tx, ledger.BucketRunsNewest, newest, &run)
	}
	return run, err
}

// listRun moves a run in the list. One without a newest test is removed.
func listRun(t *ledger.Txn, key []byte, was, is scalerun.Run) error {
	if was.Newest != "" && was.Newest != is.Newest {
		old, err := ledger.ParseID(was.Newest)
		if err != nil {
			return err
		}
		if err := t.Delete(ledger.BucketRunsNewest, old[:]); err != nil {
			return err
		}
	}
	if is.Newest == "" {
		return t.Delete(ledger.BucketRuns, key)
	}
	id, err := ledger.ParseID(is.Newest)
	if err != nil {
		return err
	}
	if err := t.Put(ledger.BucketRuns, key, id[:]); err != nil {
		return err
	}
	return t.PutJSON(ledger.BucketRunsNewest, id[:], is)
}

// noteTest lists the run of a test that was stored. Most tests are stored again and again, and change
// nothing here.
func noteTest(t *ledger.Txn, id ulid.ULID, test scalerun.ComparedTest) error {
	key := runIdentity(test.Run, test.JobRef())
	was, err := listedRun(t.Tx, key)
	if err != nil {
		return err
	}
	is := scalerun.Run{
		Run: test.Run, Job: test.Job, Cluster: test.Cluster, Newest: max(was.Newest, id.String()), Leading: was.Leading,
		Search: was.Search,
	}
	if test.Leads() {
		is.Leading = max(was.Leading, id.String())
	}
	if test.Sustainable != nil {
		is.Search = max(was.Search, id.String())
	}
	if is == was {
		return nil
	}
	return listRun(t, key, was, is)
}

// forgetTest corrects the list after a test left a run: it was dropped, or has another run now. Older
// tests are dropped first, so no older one takes its place.
func forgetTest(t *ledger.Txn, id ulid.ULID, test scalerun.Test) error {
	key := runIdentity(test.Run, test.JobRef())
	was, err := listedRun(t.Tx, key)
	if err != nil || was.Newest == "" {
		return err
	}
	is := was
	if was.Newest == id.String() {
		if is.Newest, err = newestOf(t.Tx, test.Run, test.JobRef()); err != nil {
			return err
		}
	}
	for _, of := range []*string{&is.Leading, &is.Search} {
		if *of == id.String() {
			*of = ""
		}
	}
	if is == was {
		return nil
	}
	return listRun(t, key, was, is)
}

// newestOf is the id of the newest test of a run; empty if there is none.
func newestOf(tx *bbolt.Tx, run string, of episode.JobRef) (string, error) {
	w := ledger.NewWindow(episode.JobRef{Job: of.Job}, time.Time{}, time.Time{}, 1)
	w.Run = run
	for id := range comparedTests.Backwards(tx, w) {
		stored, ok, err := comparedTests.Get(tx, id)
		if err != nil || ok && stored.Test.JobRef() == of {
			return id.String(), err
		}
	}
	return "", nil
}

// AddRunList lists the runs of the stored scale tests, newest test first: most tests change nothing.
func AddRunList(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{ledger.BucketRuns, ledger.BucketRunsNewest} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	c := t.Bucket([]byte(ledger.BucketScaleTests)).Cursor()
	for id, _ := c.Last(); id != nil; id, _ = c.Prev() {
		stored, _, err := comparedTests.Get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		if err := noteTest(t, ulid.ULID(id), stored.Test); err != nil {
			return err
		}
	}
	return nil
}
