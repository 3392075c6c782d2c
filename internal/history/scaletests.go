package history

import (
	"fmt"
	"time"

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

var scaleTests = timeline[storedScaleTest]{
	entries: bucketScaleTests, byJob: bucketScaleTestsJob, limit: MaxScaleTest,
	of: func(s storedScaleTest) episode.JobRef { return s.Test.JobRef() },
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
		return scaleTests.put(t, id, storedScaleTest{scaleTestVersion, test})
	})
}

// ScaleTests returns the newest scale tests of jobs that match of, newest first, older than
// the test with the id before unless that is empty. A limit of 0 means [DefaultLimit]; the
// maximum is [MaxLimit].
func (s *Store) ScaleTests(of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error) {
	w, err := newWindow(of, time.Time{}, time.Time{}, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: scale tests: %w", err)
	}
	out := []episode.ScaleTest{}
	err = s.view(func(tx *bbolt.Tx) error {
		stored, err := scaleTests.list(tx, w)
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
