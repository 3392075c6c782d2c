package history

import (
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// scaleTestVersion is the version of the encoding of a scale test. A later version adds a
// case to [storedScaleTest.test]; stored tests are never rewritten.
const scaleTestVersion = 1

// storedScaleTest is a scale test in the file.
type storedScaleTest struct {
	Version int               `json:"v"`
	Test    episode.ScaleTest `json:"test"`
}

// test returns the scale test. The error is about a test that a later sidecar wrote.
func (s storedScaleTest) test() (episode.ScaleTest, error) {
	if s.Version != scaleTestVersion {
		return s.Test, fmt.Errorf("history: scale test %s has version %d, this sidecar knows %d (use the newer sidecar)",
			s.Test.ID, s.Version, scaleTestVersion)
	}
	return s.Test, nil
}

// storedComparedTest is the part of a [storedScaleTest] that comparisons read.
type storedComparedTest struct {
	Version int                  `json:"v"`
	Test    episode.ComparedTest `json:"test"`
}

// test returns the scale test, with what comparisons read.
func (s storedComparedTest) test() (episode.ScaleTest, error) {
	return storedScaleTest{s.Version, s.Test.ScaleTest()}.test()
}

// comparedTests are stored beside [scaleTests], and have the same indexes.
var comparedTests = timeline[storedComparedTest]{
	entries: bucketScaleTestsCompared, byJob: bucketScaleTestsJob, limit: MaxScaleTest,
	of: func(s storedComparedTest) episode.JobRef { return s.Test.JobRef() },
}

var scaleTests = timeline[storedScaleTest]{
	entries: bucketScaleTests, byJob: bucketScaleTestsJob, limit: MaxScaleTest,
	of: func(s storedScaleTest) episode.JobRef { return s.Test.JobRef() },
	dropped: func(t *txn, id ulid.ULID, s storedScaleTest) error {
		if err := t.delete(bucketScaleTestsCompared, id[:]); err != nil {
			return err
		}
		return t.delete(bucketScaleTestsRun, runKey(s.Test.Run, id))
	},
}

// runKey is the key of the index of runs: the name of a run as that of a job in the other index.
func runKey(run string, id ulid.ULID) []byte { return jobKey(run, id) }

// putScaleTest stores a test, and moves it in the index if it has another run than before.
func putScaleTest(t *txn, id ulid.ULID, test episode.ScaleTest) error {
	old, ok, err := scaleTests.get(t.Tx, id)
	if err != nil {
		return err
	}
	if ok && old.Test.Run != test.Run {
		if err := t.delete(bucketScaleTestsRun, runKey(old.Test.Run, id)); err != nil {
			return err
		}
	}
	if err := scaleTests.put(t, id, storedScaleTest{scaleTestVersion, test}); err != nil {
		return err
	}
	if err := t.putJSON(bucketScaleTestsCompared, id[:], storedComparedTest{scaleTestVersion, test.Compared()}); err != nil {
		return err
	}
	return t.put(bucketScaleTestsRun, runKey(test.Run, id), []byte{})
}

// PutScaleTest stores a scale test, and replaces the one with the same id: a test is stored
// again after each iteration. The error is an [*InvalidError] for a test that is too large
// or in the future.
func (s *Store) PutScaleTest(test episode.ScaleTest) error {
	return s.update(func(t *txn) error {
		id, err := s.checkID("scale test", test.ID)
		if err != nil {
			return err
		}
		return putScaleTest(t, id, test)
	})
}

// ImportScaleTests stores the tests of a new run of one job, all or none. The error is an
// [*InvalidError] if the job has a run of this name: a second import would double its
// numbers.
func (s *Store) ImportScaleTests(tests []episode.ScaleTest) error {
	return s.update(func(t *txn) error {
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
func refuseStoredRun(tx *bbolt.Tx, test episode.ScaleTest) error {
	w := newWindow(episode.JobRef{}, time.Time{}, time.Time{}, 0)
	w.run = test.Run
	for id := range scaleTests.backwards(tx, w) {
		stored, ok, err := scaleTests.get(tx, id)
		if err != nil {
			return err
		}
		if ok && stored.Test.Run == test.Run && stored.Test.JobRef() == test.JobRef() {
			return &InvalidError{fmt.Sprintf("run %q", test.Run), fmt.Sprintf("job %q has it already "+
				"(choose another name with --run)", test.Job)}
		}
	}
	return nil
}

// ScaleTests returns the newest scale tests of jobs that match of, newest first, older than
// the test with the id before unless that is empty. A limit of 0 means [DefaultLimit]; the
// maximum is [MaxLimit].
func (s *Store) ScaleTests(of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error) {
	return s.RunTests("", of, before, limit)
}

// RunTests is [Store.ScaleTests] of the runs of one name; an empty name is every run.
func (s *Store) RunTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error) {
	return testsOf(s, scaleTests, run, of, before, limit)
}

// ComparedTests is [Store.RunTests] with only what comparisons read, see [episode.ComparedTest].
func (s *Store) ComparedTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error) {
	return testsOf(s, comparedTests, run, of, before, limit)
}

// testsOf lists scale tests in one of their two forms.
func testsOf[T interface {
	test() (episode.ScaleTest, error)
}](s *Store, l timeline[T], run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error) {
	w, err := newWindow(of, time.Time{}, time.Time{}, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: scale tests: %w", err)
	}
	w.run = run
	out := []episode.ScaleTest{}
	err = s.view(func(tx *bbolt.Tx) error {
		stored, err := l.list(tx, w)
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
