package kinds

import (
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// scaleTestVersion is the version of the encoding of a scale test. A later version adds a
// case to [storedScaleTest.test]; stored tests are never rewritten.
const scaleTestVersion = 1

// storedScaleTest is a scale test in the file.
type storedScaleTest struct {
	Version int           `json:"v"`
	Test    scalerun.Test `json:"test"`
}

// test returns the scale test. The error is about a test that a later sidecar wrote.
func (s storedScaleTest) test() (scalerun.Test, error) {
	if s.Version != scaleTestVersion {
		return s.Test, fmt.Errorf("history: scale test %s has version %d, this sidecar knows %d (use the newer sidecar)",
			s.Test.ID, s.Version, scaleTestVersion)
	}
	return s.Test, nil
}

// storedComparedTest is the part of a [storedScaleTest] that comparisons read.
type storedComparedTest struct {
	Version int                   `json:"v"`
	Test    scalerun.ComparedTest `json:"test"`
}

// test returns the scale test, with what comparisons read.
func (s storedComparedTest) test() (scalerun.Test, error) {
	return storedScaleTest{s.Version, s.Test.Test()}.test()
}

// comparedTests are stored beside [ScaleTests], and have the same indexes. Of a test that was stored
// before there were any, the whole is read.
var comparedTests = ledger.Timeline[storedComparedTest]{
	Entries: ledger.BucketScaleTestsCompared, ByJob: ledger.BucketScaleTestsJob, Limit: MaxScaleTest,
	Older: ledger.BucketScaleTests,
	Of:    func(s storedComparedTest) episode.JobRef { return s.Test.JobRef() },
}

// ScaleTests are whole tests.
var ScaleTests = ledger.Timeline[storedScaleTest]{
	Entries: ledger.BucketScaleTests, ByJob: ledger.BucketScaleTestsJob, Limit: MaxScaleTest,
	Of: func(s storedScaleTest) episode.JobRef { return s.Test.JobRef() },
	Dropped: func(t *ledger.Txn, id ulid.ULID, s storedScaleTest) error {
		if err := t.Delete(ledger.BucketScaleTestsCompared, id[:]); err != nil {
			return err
		}
		if err := t.Delete(ledger.BucketScaleTestsRun, runKey(s.Test.Run, id)); err != nil {
			return err
		}
		return forgetTest(t, id, s.Test)
	},
}

// runKey is the key of the index of runs: the name of a run as that of a job in the other index.
func runKey(run string, id ulid.ULID) []byte { return ledger.JobKey(run, id) }

// putScaleTest stores a test, and moves it in the index and the list if it has another run than before.
func putScaleTest(t *ledger.Txn, id ulid.ULID, test scalerun.Test) error {
	old, ok, err := ScaleTests.Get(t.Tx, id)
	if err != nil {
		return err
	}
	if ok && old.Test.Run != test.Run {
		if err := t.Delete(ledger.BucketScaleTestsRun, runKey(old.Test.Run, id)); err != nil {
			return err
		}
	}
	if err := ScaleTests.Put(t, id, storedScaleTest{scaleTestVersion, test}); err != nil {
		return err
	}
	compared := storedComparedTest{scaleTestVersion, test.Compared()}
	if err := t.PutJSON(ledger.BucketScaleTestsCompared, id[:], compared); err != nil {
		return err
	}
	if err := t.Put(ledger.BucketScaleTestsRun, runKey(test.Run, id), []byte{}); err != nil {
		return err
	}
	if ok && (old.Test.Run != test.Run || old.Test.JobRef() != test.JobRef()) {
		if err := forgetTest(t, id, old.Test); err != nil {
			return err
		}
	}
	return noteTest(t, id, compared.Test)
}

// PutScaleTest stores a scale test, and replaces the one with the same id: a test is stored
// again after each iteration. The error is an [*ledger.InvalidError] for a test that is too large
// or in the future.
func (s *Entries) PutScaleTest(test scalerun.Test) error {
	return s.file.Update(func(t *ledger.Txn) error {
		id, err := s.checkID("scale test", test.ID)
		if err != nil {
			return err
		}
		return putScaleTest(t, id, test)
	})
}

// ImportScaleTests stores the tests of a new run of one job, all or none. The error is an
// [*ledger.InvalidError] if the job has a run of this name: a second import would double its
// numbers.
func (s *Entries) ImportScaleTests(tests []scalerun.Test) error {
	return s.file.Update(func(t *ledger.Txn) error {
		if len(tests) == 0 {
			return nil
		}
		if err := refuseStoredRun(t.Tx, tests[0]); err != nil {
			return err
		}
		for _, test := range tests {
			id, err := s.checkID("scale test", test.ID)
			if err != nil {
				return err
			}
			if err := putScaleTest(t, id, test); err != nil {
				return err
			}
		}
		return nil
	})
}

// refuseStoredRun fails if the job of a test has a run of its name already.
func refuseStoredRun(tx *bbolt.Tx, test scalerun.Test) error {
	w := ledger.NewWindow(episode.JobRef{}, time.Time{}, time.Time{}, 0)
	w.Run = test.Run
	for id := range ScaleTests.Backwards(tx, w) {
		stored, ok, err := ScaleTests.Get(tx, id)
		if err != nil {
			return err
		}
		if ok && stored.Test.Run == test.Run && stored.Test.JobRef() == test.JobRef() {
			return ledger.Invalid(fmt.Sprintf("run %q", test.Run), fmt.Sprintf("job %q has it already "+
				"(choose another name with --run)", test.Job))
		}
	}
	return nil
}

// ScaleTest returns one scale test. It returns false if the id is not stored.
func (s *Entries) ScaleTest(id string) (test scalerun.Test, ok bool, err error) {
	key, err := ledger.ParseID(id)
	if err != nil {
		return test, false, fmt.Errorf("history: scale test: %w", err)
	}
	err = s.file.View(func(tx *bbolt.Tx) error {
		var stored storedScaleTest
		if stored, ok, err = ScaleTests.Get(tx, key); err != nil || !ok {
			return err
		}
		test, err = stored.test()
		return err
	})
	return test, ok && err == nil, err
}

// ScaleTests returns the newest scale tests of jobs that match of, newest first, older than
// the test with the id before unless that is empty. A limit of 0 means [Limits.Default]; the
// maximum is [Limits.Most].
func (s *Entries) ScaleTests(of episode.JobRef, before string, limit int) ([]scalerun.Test, error) {
	return s.RunTests("", of, before, limit)
}

// RunTests is [Entries.ScaleTests] of the runs of one name; an empty name is every run.
func (s *Entries) RunTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error) {
	return testsOf(s, ScaleTests, run, of, before, limit)
}

// ComparedTests is [Entries.RunTests] with only what comparisons read, see [scalerun.ComparedTest].
func (s *Entries) ComparedTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error) {
	return testsOf(s, comparedTests, run, of, before, limit)
}

// testsOf lists scale tests in one of their two forms.
func testsOf[T interface {
	test() (scalerun.Test, error)
}](
	s *Entries, l ledger.Timeline[T], run string, of episode.JobRef, before string, limit int,
) ([]scalerun.Test, error) {
	w, err := s.window(of, time.Time{}, time.Time{}, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: scale tests: %w", err)
	}
	w.Run = run
	out := []scalerun.Test{}
	err = s.file.View(func(tx *bbolt.Tx) error {
		stored, err := l.List(tx, w)
		for _, entry := range stored {
			test, faulty := entry.test()
			if faulty != nil {
				return faulty
			}
			out = append(out, test)
		}
		return err
	})
	return out, err
}

// AddRuns indexes the stored scale tests by their run.
func AddRuns(t *ledger.Txn) error {
	if err := t.Create(ledger.BucketScaleTestsRun); err != nil {
		return err
	}
	return t.Bucket([]byte(ledger.BucketScaleTests)).ForEach(func(id, _ []byte) error {
		stored, _, err := ScaleTests.Get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return t.Put(ledger.BucketScaleTestsRun, runKey(stored.Test.Run, ulid.ULID(id)), []byte{})
	})
}

// comparedAtOnce bounds the memory of one migration: a transaction is in memory until its end.
const comparedAtOnce = 1000

// AddCompared stores what comparisons read of the newest scale tests. That of older ones is read from
// the whole.
func AddCompared(t *ledger.Txn) error {
	if err := t.Create(ledger.BucketScaleTestsCompared); err != nil {
		return err
	}
	c := t.Bucket([]byte(ledger.BucketScaleTests)).Cursor()
	id, _ := c.Last()
	for n := 0; id != nil && n < comparedAtOnce; n++ {
		stored, _, err := comparedTests.Get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		if err := t.PutJSON(ledger.BucketScaleTestsCompared, id, stored); err != nil {
			return err
		}
		id, _ = c.Prev()
	}
	return nil
}
