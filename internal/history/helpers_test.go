package history

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/history/probes"
)

// start is the time of the first test entry.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// later is the clock of the stores, after all entries of the tests.
var later = start.Add(48 * time.Hour)

// testLog collects the log.
type testLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *testLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *testLog) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func configFor(path string) Config {
	return Config{Path: path, Retention: model.Duration(90 * 24 * time.Hour)}
}

// open opens the history at path and, when the test ends, closes and checks it.
func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	s.Now = func() time.Time { return later }
	s.current.db.NoSync = true // tests need no durability, and syncs would slow them down
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		if inMemory, _ := s.Memory(); !inMemory {
			check(t, path)
		}
	})
	return s
}

func openNew(t *testing.T) *Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "history.db"))
}

// reopen closes s and opens its file again.
func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	require.NoError(t, s.Close())
	return open(t, s.Path())
}

// check checks a closed file with bbolt and with the inspection.
func check(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			require.NoError(t, err)
		}
		for _, b := range []ledger.Bucket{ledger.BucketSummaries, ledger.BucketEpisodesJob} {
			require.Equal(t, tx.Bucket([]byte(ledger.BucketEpisodes)).Inspect().KeyN, tx.Bucket([]byte(b)).Inspect().KeyN, b)
		}
		return nil
	}))
	require.NoError(t, probes.New(transactions{&Store{current: &handle{db: db}}}, quiet()).Verify())
	require.NoError(t, db.Close())
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	_, err = inspect(f, info.Size())
	require.NoError(t, err)
}

// dump returns the hashes of all entries of a history.
func dump(t *testing.T, s *Store) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				out[string(name)+"\x00"+string(k)] = sha256.Sum256(v)
				return nil
			})
		})
	}))
	return out
}

// idAt returns a ULID of the n-th minute after start.
func idAt(n int) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(start.Add(time.Duration(n) * time.Minute)))
	id[15] = byte(n)
	return id.String()
}

func newEpisode(n int, job string, state episode.State) episode.Episode {
	return episode.Episode{
		ID: idAt(n), State: state, Opened: start.Add(time.Duration(n) * time.Minute),
		Alert: episode.Alert{Rule: "probe-round", Source: episode.FromEpoch, Cluster: "local", Job: job},
	}
}

func newMeasurement(n int, job string) episode.Measurement {
	return episode.Measurement{
		ID: idAt(n), Kind: episode.KindWindow, Job: job,
		Began: start.Add(time.Duration(n) * time.Minute), Ended: start.Add(time.Duration(n+1) * time.Minute),
	}
}

// fill writes some entries of each kind.
func fill(t *testing.T, s *Store, n int) {
	t.Helper()
	var ms []episode.Measurement
	var records []episode.ProbeRecord
	for i := range n {
		require.NoError(t, s.PutEpisode(newEpisode(i, "orders", episode.Opened)))
		ms = append(ms, newMeasurement(i, "orders"))
		records = append(records, record(i, episode.Pending, episode.OnTime))
	}
	require.NoError(t, s.PutMeasurement(ms...))
	require.NoError(t, s.Probes().Put(records))
	_, err := s.PutEpoch(episode.Epoch{Key: "k1", Cluster: "local", Job: "orders", Began: start})
	require.NoError(t, err)
}

func ids[T any](entries []T, id func(T) string) []string {
	out := []string{}
	for _, e := range entries {
		out = append(out, id(e))
	}
	return out
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
