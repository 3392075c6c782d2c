package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// filled opens a history with a few dozen pages and one paused part.
func filled(t *testing.T) (*Store, *testLog) {
	t.Helper()
	sound, _ := soundFile(t)
	data, err := os.ReadFile(sound)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "changed.db")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	log := &testLog{}
	s, err := Open(t.Context(), configFor(path), log.logger())
	require.NoError(t, err)
	s.Now = func() time.Time { return later }
	require.NoError(t, s.PutPaused([]string{"llm"}))
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		if inMemory, _ := s.Memory(); !inMemory {
			check(t, path)
		}
	})
	return s, log
}

// requireAnew checks a store whose file was lost: it works with a new file, the part is
// still paused, and the loss is logged.
func requireAnew(t *testing.T, s *Store, log *testLog, reason string) {
	t.Helper()
	require.Contains(t, log.String(), "History was changed by another process: a new one begins")
	require.Contains(t, log.String(), reason)
	inMemory, why := s.Memory()
	require.False(t, inMemory, why)
	paused, err := s.Paused()
	require.NoError(t, err)
	require.Equal(t, []string{"llm"}, paused)
	require.NoError(t, s.PutEpisode(newEpisode(90, "orders", episode.Opened)))
	one, ok, err := s.Episode(idAt(90))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, idAt(90), one.ID)
	require.FileExists(t, s.Path())
}

func TestTruncatedUnderTheProcess(t *testing.T) {
	for _, size := range []int64{0, 5000, 40_000} {
		for _, use := range []string{"read", "write", "watch"} {
			t.Run(fmt.Sprintf("%d bytes, %s", size, use), func(t *testing.T) {
				s, log := filled(t)
				require.NoError(t, os.Truncate(s.Path(), size))
				switch use {
				case "read":
					left, err := s.Episodes(episode.JobRef{}, "", 0)
					require.NoError(t, err)
					require.Empty(t, left)
				case "write":
					require.NoError(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
				case "watch":
					require.ErrorIs(t, s.watch(), errChanged)
				}
				requireAnew(t, s, log, "bytes and had")
				require.True(t, strings.HasPrefix(s.SetAside(), s.Path()+".damaged-"), s.SetAside())
				require.FileExists(t, s.SetAside())
			})
		}
	}
}

// TestTruncatedWithinATransaction truncates the file between the start of a transaction
// and its first read, where a comparison of sizes can't detect it.
func TestTruncatedWithinATransaction(t *testing.T) {
	s, log := filled(t)
	err := s.view(func(tx *bbolt.Tx) error {
		require.NoError(t, os.Truncate(s.Path(), 0))
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(_, v []byte) error {
				_ = bytes.Count(v, []byte("x"))
				return nil
			})
		})
	})
	require.ErrorIs(t, err, errChanged)
	requireAnew(t, s, log, "a part of it can't be read")

	cut := false
	require.NoError(t, s.update(func(txn *ledger.Txn) error {
		if !cut {
			cut = true
			require.NoError(t, os.Truncate(s.Path(), 0))
		}
		return txn.Put(ledger.BucketEpochs, []byte("k"), []byte("v"))
	}), "it runs again, in a new file")
	requireAnew(t, s, log, "a part of it can't be read")
}

// TestTruncatedWhileItOpens truncates the file after its inspection, before or within the
// migrations.
func TestTruncatedWhileItOpens(t *testing.T) {
	cut := func(path string) { require.NoError(t, os.Truncate(path, 0)) }
	for name, c := range map[string]struct {
		before  func(path string)
		migrate func(path string)
		reason  string
	}{
		"before": {cut, func(string) {}, "a part of it can't be read"},
		"pages lost": {
			func(path string) { require.NoError(t, os.Truncate(path, 2*4096)) }, func(string) {}, "bytes and had",
		},
		"within": {func(string) {}, cut, "a part of it can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := soundFile(t)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			path = filepath.Join(t.TempDir(), "cut.db")
			require.NoError(t, os.WriteFile(path, data, 0o600))
			all := migrations
			defer func() { migrations = all }()
			migrations = append(slices.Clip(all), migration{"cut", func(txn *ledger.Txn) error {
				c.migrate(path)
				return txn.Bucket([]byte(ledger.BucketEpisodes)).ForEach(func(_, v []byte) error {
					_ = bytes.Count(v, []byte("x"))
					return nil
				})
			}})

			o := opener{path: path, logger: quiet()}
			db, err := o.openBolt(t.Context())
			require.NoError(t, err)
			c.before(path)
			_, err = o.migrated(db)
			require.ErrorIs(t, err, boltfile.ErrDamaged)
			require.ErrorContains(t, err, c.reason)
			require.FileExists(t, o.setAside)
			require.NoFileExists(t, path)

			migrations = all
			h, err := o.open(t.Context())
			require.NoError(t, err)
			require.NoError(t, h.close())
		})
	}
}

// A panic that the file did not cause does not put the file aside.
func TestOtherPanicsContinue(t *testing.T) {
	s, _ := filled(t)
	require.PanicsWithValue(t, "a mistake", func() {
		_ = s.view(func(*bbolt.Tx) error { panic("a mistake") })
	})
	require.Empty(t, s.SetAside())
	require.NoError(t, s.PutEpisode(newEpisode(90, "orders", episode.Opened)))
}

func TestRemovedUnderTheProcess(t *testing.T) {
	s, log := filled(t)
	content := dump(t, s)
	require.NoError(t, os.Remove(s.Path()))
	require.ErrorIs(t, s.watch(), errChanged)
	requireAnew(t, s, log, "it was removed")
	require.True(t, strings.HasPrefix(s.SetAside(), s.Path()+".removed-"), s.SetAside())
	require.Equal(t, content, dump(t, open(t, s.SetAside())), "its contents are kept")
}

func TestMovedAwayUnderTheProcess(t *testing.T) {
	s, log := filled(t)
	content := dump(t, s)
	elsewhere := filepath.Join(t.TempDir(), "moved.db")
	require.NoError(t, os.Rename(s.Path(), elsewhere))
	require.NoError(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
	requireAnew(t, s, log, "it was removed")
	require.Empty(t, s.SetAside(), "it still has a name")
	require.Equal(t, content, dump(t, open(t, elsewhere)))
}

// If a backup replaces the file, it becomes the history.
func TestReplacedUnderTheProcess(t *testing.T) {
	s, log := filled(t)
	other := openNew(t)
	require.NoError(t, other.PutEpisode(newEpisode(5, "payments", episode.Done)))
	var backup bytes.Buffer
	_, err := other.Backup(&backup)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.Path()+".new", backup.Bytes(), 0o600))
	require.NoError(t, os.Rename(s.Path()+".new", s.Path()))
	require.NoError(t, s.PutMeasurement(newMeasurement(1, "payments")))
	requireAnew(t, s, log, "another file is in its place")
	restored, err := s.Episodes(episode.JobRef{Job: "payments"}, "", 0)
	require.NoError(t, err)
	require.Len(t, restored, 1)
}

// The same with cp, which writes to the open file.
func TestOverwrittenUnderTheProcess(t *testing.T) {
	s, log := filled(t)
	for n := range 20 {
		require.NoError(t, s.PutEpisode(newEpisode(100+n, "orders", episode.Opened)))
	}
	info, err := os.Stat(s.Path())
	require.NoError(t, err)
	other := openNew(t)
	var backup bytes.Buffer
	_, err = other.Backup(&backup)
	require.NoError(t, err)
	padded := append(backup.Bytes(), make([]byte, info.Size())...)
	require.NoError(t, os.WriteFile(s.Path(), padded, 0o600))
	require.NoError(t, s.PutMeasurement(newMeasurement(1, "payments")))
	requireAnew(t, s, log, "it contains another history")
}

// TestNeverTwoWriters: a second sidecar has created a new file at the path. The first
// one must not write to it.
func TestNeverTwoWriters(t *testing.T) {
	s, log := filled(t)
	require.NoError(t, os.Remove(s.Path()))
	second, err := Open(t.Context(), configFor(s.Path()), quiet())
	require.NoError(t, err)
	defer second.Close()
	second.Now = s.Now
	require.NoError(t, second.Announce("http://127.0.0.1:1234"))

	require.NoError(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
	inMemory, reason := s.Memory()
	require.True(t, inMemory)
	require.Contains(t, reason, "go through http://127.0.0.1:1234")
	require.Contains(t, log.String(), "another file is in its place")
	_, ok, err := second.Episode(idAt(80))
	require.NoError(t, err)
	require.False(t, ok)
	_, ok, err = s.Episode(idAt(80))
	require.NoError(t, err)
	require.True(t, ok)
}

// TestConcurrentUseOfALostFile truncates the file during concurrent reads and writes.
// No caller hangs, and the process continues.
func TestConcurrentUseOfALostFile(t *testing.T) {
	s, _ := filled(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var group errgroup.Group
	for w := range 4 {
		group.Go(func() error {
			for n := range 60 {
				if err := s.PutEpisode(newEpisode(200+w*60+n, "orders", episode.Opened)); err != nil {
					t.Log(err)
				}
				if _, err := s.Episodes(episode.JobRef{}, "", 50); err != nil {
					t.Log(err)
				}
			}
			return ctx.Err()
		})
	}
	group.Go(func() error {
		for range 5 {
			if err := os.Truncate(s.Path(), 5000); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond): // between two accidents, not a wait for anything
			}
		}
		return nil
	})
	require.NoError(t, group.Wait())
	require.NoError(t, s.PutEpisode(newEpisode(900, "orders", episode.Opened)))
}
