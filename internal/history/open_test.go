package history

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

func TestOpenKeepsWhatWasWritten(t *testing.T) {
	s := openNew(t)
	fill(t, s, 5)
	want := dump(t, s)
	s = reopen(t, s)
	require.Equal(t, want, dump(t, s))
	info, err := os.Stat(s.Path())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
}

func TestMigrations(t *testing.T) {
	s := openNew(t)
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		require.Equal(t, uint64(10), ledger.DecodeUint(ledger.Get(tx, ledger.BucketMeta, []byte(ledger.KeySchema))))
		return nil
	}))
	failing := append(migrations[:10:10], migration{"fail", func(txn *ledger.Txn) error {
		require.NoError(t, txn.Put(ledger.BucketEpochs, []byte("k"), []byte("v")))
		return errors.New("out of luck")
	}})
	was, all := dump(t, s), migrations
	migrations = failing
	defer func() { migrations = all }()
	require.EqualError(t, s.current.commit(migrate), "migration 11 (fail): out of luck")
	require.Equal(t, was, dump(t, s), "a failed migration changes nothing")
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	s, err := Open(t.Context(), configFor(filepath.Join(t.TempDir(), "h.db")), quiet())
	require.NoError(t, err)
	fill(t, s, 2)
	require.NoError(t, s.update(func(t *ledger.Txn) error {
		return t.Put(ledger.BucketMeta, []byte(ledger.KeySchema), ledger.EncodeUint(11))
	}))
	require.NoError(t, s.Close())
	before, err := os.ReadFile(s.Path())
	require.NoError(t, err)

	_, err = Open(t.Context(), configFor(s.Path()), quiet())
	require.ErrorIs(t, err, ErrNewer)
	require.EqualError(t, err, "history: written by a newer sidecar: it has schema 11, this sidecar knows up to 10: "+
		s.Path()+" (choose another history.path)")
	after, err := os.ReadFile(s.Path())
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "the file must not change")
}

func TestOpenRefusesForeignFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(text, []byte("flink:\n  url: http://localhost:8081\n"), 0o600))
	foreign := filepath.Join(dir, "other.db")
	db, err := bbolt.Open(foreign, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("things"))
		require.NoError(t, err)
		return b.Put([]byte("a"), []byte("b"))
	}))
	require.NoError(t, db.Close())

	for _, path := range []string{text, foreign} {
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = Open(t.Context(), configFor(path), quiet())
		require.EqualError(t, err, "history: not a history of flink-sidecar: "+path+" (choose another history.path)")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "no file may be renamed")
}

func TestOpenHeld(t *testing.T) {
	s := openNew(t)
	_, err := Open(t.Context(), configFor(s.Path()), quiet())
	require.ErrorIs(t, err, ErrHeld)
	require.EqualError(t, err, "history: held by another process: another process has "+s.Path()+
		" open (stop it, or choose another history.path)")

	require.NoError(t, s.Announce("http://127.0.0.1:1234"))
	_, err = Open(t.Context(), configFor(s.Path()), quiet())
	require.ErrorIs(t, err, ErrHeld)
	require.ErrorContains(t, err, "(go through http://127.0.0.1:1234)")

	_, err = Open(cancelled(t), configFor(s.Path()), quiet())
	require.ErrorIs(t, err, context.Canceled)
}

// TestOpenStopsWhileTheFileIsChecked: the file stays as it is.
func TestOpenStopsWhileTheFileIsChecked(t *testing.T) {
	s := openNew(t)
	fill(t, s, 50)
	require.NoError(t, s.Close())
	before, err := os.ReadFile(s.Path())
	require.NoError(t, err)
	reads, readsBefore := 0, 3
	ctx := &countedContext{Context: t.Context(), after: func() bool { reads++; return reads > readsBefore }}
	_, err = Open(ctx, configFor(s.Path()), quiet())
	require.ErrorIs(t, err, context.Canceled)
	require.LessOrEqual(t, reads, readsBefore+4, "nothing is read after the end")
	after, err := os.ReadFile(s.Path())
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))
	reopen(t, s)
}

// countedContext ends when after says so, each time that it is asked.
type countedContext struct {
	context.Context

	after func() bool
}

func (c *countedContext) Err() error {
	if c.after() {
		return context.Canceled
	}
	return nil
}

func TestOpenWaitsForAHolderThatEnds(t *testing.T) {
	s := openNew(t)
	go func() {
		time.Sleep(2 * lockRetry) // not to wait for, but to let Open find it held
		_ = s.Close()
	}()
	open(t, s.Path())
}

func TestUnwritablePathIsMemory(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct{ path, reason, do string }{
		{dir, "is a directory", "(mount the directory, and name a file in it as history.path)"},
		{filepath.Join(dir, "missing", "h.db"), "no such file or directory", "missing/h.db writable, or choose another history.path)"},
		{filepath.Join(file, "h.db"), "not a directory", "file/h.db writable, or choose another history.path)"},
	} {
		log := &testLog{}
		s, err := Open(t.Context(), configFor(test.path), log.logger())
		require.NoError(t, err)
		inMemory, reason := s.Memory()
		require.True(t, inMemory)
		require.Contains(t, reason, test.reason)
		require.Contains(t, reason, test.do)
		require.Contains(t, log.String(), "History is kept in memory and ends with this process")

		require.NoError(t, s.Announce("http://127.0.0.1:1"))
		fill(t, s, 3)
		var backup bytes.Buffer
		_, err = s.Backup(&backup)
		require.NoError(t, err)
		_, err = inspect(bytes.NewReader(backup.Bytes()), int64(backup.Len()))
		require.NoError(t, err)
		require.NoError(t, s.Probes().Verify())
		require.NoError(t, s.Close())
	}
}

func TestBackup(t *testing.T) {
	s := openNew(t)
	fill(t, s, 20)
	path := filepath.Join(t.TempDir(), "backup.db")
	f, err := os.Create(path)
	require.NoError(t, err)
	size, err := s.Backup(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, info.Size(), size)
	require.Equal(t, dump(t, s), dump(t, open(t, path)))
}

func TestRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := openNew(t)
	old := newMeasurement(0, "orders")
	require.NoError(t, s.PutMeasurement(old))
	s.Now = func() time.Time { return start.Add(91 * 24 * time.Hour) }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	require.Eventually(t, func() bool {
		left, err := s.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, 0)
		return err == nil && len(left) == 0
	}, 5*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.NoError(t, s.Close())
}

func TestConfig(t *testing.T) {
	require.Empty(t, DefaultConfig().Validate())
	day := model.Duration(24 * time.Hour)
	require.Equal(t, setting.Faults{{
		Path: "path", Problem: "is empty",
		Fix: "name the database file, or leave the key out for flink-sidecar.db",
	}},
		Config{Retention: day}.Validate())
	require.EqualError(t, Config{Path: "x", Retention: model.Duration(time.Minute)}.Validate()[0],
		"retention: 1m is below 1h (raise it, for example to 90d)")
	require.EqualError(t, Config{Path: "x", Retention: 100 * 365 * day}.Validate()[0],
		"retention: 100y is above 20y (lower it, for example to 1y)")
}

func TestConfigOfCopies(t *testing.T) {
	for want, c := range map[string]BackupConfig{
		"": {Directory: "/backup", Schedule: "30 2 * * 1-5", Keep: 3},
		"backup.directory: is empty (name a directory on another volume)": {},
		`backup.schedule: "daily" is no schedule: expected exactly 5 fields, found 1: [daily] (write five fields, for example ` +
			`"0 3 * * *", or "@every 6h")`: {Directory: "/b", Schedule: "daily"},
		`backup.schedule: "0 0 30 2 *" never comes (name a day that there is)`: {Directory: "/b", Schedule: "0 0 30 2 *"},
		`backup.schedule: "@every 5s" is more often than every 1m0s (copy less often, for example "@every 6h")`: {
			Directory: "/b", Schedule: "@every 5s",
		},
		"backup.keep: -1 is below 0 (keep at least 1, or leave it out for 7)": {Directory: "/b", Keep: -1},
	} {
		cfg := DefaultConfig()
		cfg.Backup = &c
		var got []string
		for _, f := range cfg.Validate() {
			got = append(got, f.Error())
		}
		require.Equal(t, want, strings.Join(got, "\n"))
	}
	cfg := DefaultConfig()
	cfg.MaxEpisodes, cfg.MaxMeasurements = -1, -1
	require.Len(t, cfg.Validate(), 2)
}

func TestManyAtOnce(t *testing.T) {
	s := openNew(t)
	var group errgroup.Group
	for w := range 4 {
		group.Go(func() error {
			for n := range 25 {
				if err := s.PutEpisode(newEpisode(w*25+n, "orders", episode.Opened)); err != nil {
					return err
				}
				if err := s.Probes().Put([]episode.ProbeRecord{record(w*25+n, episode.OnTime)}); err != nil {
					return err
				}
				if _, err := s.Episodes(episode.JobRef{Job: "orders"}, "", 5); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error { _, err := s.Backup(io.Discard); return err })
	require.NoError(t, group.Wait())
	require.Equal(t, int64(100), totals(t, s.Probes())[0].Intended)
}

func TestNoRetentionIsTheDefault(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "h.db")}, quiet())
	require.NoError(t, err)
	require.Equal(t, 90*24*time.Hour, s.retention)
	require.NoError(t, s.Close())
}
