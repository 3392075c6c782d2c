package history

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// failWrites makes each write to the open file fail until the returned function is called.
// It puts a descriptor that only reads in the place of the file's own one.
func failWrites(t *testing.T, h *handle) (restore func()) {
	t.Helper()
	own := int(h.file.Fd())
	kept, err := unix.Dup(own) // it also keeps the lock
	require.NoError(t, err)
	reader, err := os.Open(h.file.Name())
	require.NoError(t, err)
	require.NoError(t, unix.Dup3(int(reader.Fd()), own, unix.O_CLOEXEC))
	require.NoError(t, reader.Close())
	return func() {
		require.NoError(t, unix.Dup3(kept, own, unix.O_CLOEXEC))
		require.NoError(t, unix.Close(kept))
	}
}

// unconfirmed commits a transaction behind the handle. With a failed commit before, the
// file is as after a commit whose last write was not confirmed by the disk.
func unconfirmed(t *testing.T, s *Store, key string) {
	t.Helper()
	require.NoError(t, s.current.db.Update(func(tx *bbolt.Tx) error {
		_, err := ledger.Write(tx, func(t *ledger.Txn) error { return t.Put(ledger.BucketEpochs, []byte(key), []byte("{}")) })
		return err
	}))
}

// TestAFailedCommitIsNotAnotherHistory: the disk fails to confirm a commit. The file then
// contains the transaction, or it does not.
func TestAFailedCommitIsNotAnotherHistory(t *testing.T) {
	for name, written := range map[string][]string{
		"lost": nil, "written": {"a"}, "two written": {"a", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := filled(t)
			before := dump(t, s)
			for n := range max(1, len(written)) {
				restore := failWrites(t, s.current)
				require.Error(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
				restore()
				if n < len(written) {
					unconfirmed(t, s, written[n])
				}
			}
			require.Len(t, dump(t, s), len(before)+len(written), "it can be read")
			require.NoError(t, s.PutEpisode(newEpisode(81, "orders", episode.Opened)))
			require.NoError(t, s.PutEpisode(newEpisode(82, "orders", episode.Opened)))
			require.Empty(t, s.SetAside())
			require.NotContains(t, log.String(), "a new one begins")
			after := dump(t, s)
			for key := range before {
				require.Contains(t, after, key)
			}
		})
	}
}

// After a failed commit, a file that is ahead by more than that commit is another history.
func TestAnotherHistoryAfterAFailedCommit(t *testing.T) {
	s, log := filled(t)
	restore := failWrites(t, s.current)
	require.Error(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
	restore()
	unconfirmed(t, s, "a")
	unconfirmed(t, s, "b")
	require.NoError(t, s.PutEpisode(newEpisode(81, "orders", episode.Opened)))
	requireAnew(t, s, log, "it contains another history")
}

// While the disk refuses writes there is one line in the log, and the fault ends only when
// there is room.
func TestRefusedWrites(t *testing.T) {
	s, log := filled(t)
	require.NoError(t, s.WriteFault())
	require.Error(t, s.PutEpisode(episode.Episode{ID: "no id"}))
	require.NoError(t, s.WriteFault(), "that was no fault of the disk")
	restore := failWrites(t, s.current)
	for n := range 3 {
		require.ErrorContains(t, s.PutEpisode(newEpisode(80+n, "orders", episode.Opened)), "the file cannot be written: ")
	}
	require.ErrorIs(t, s.WriteFault(), errNotWritten)
	s.retryWriting()
	require.Error(t, s.WriteFault(), "it still refuses")
	restore()
	require.NoError(t, s.PutEpisode(newEpisode(80, "orders", episode.Opened)))
	require.Error(t, s.WriteFault(), "one write that found room says little")
	s.retryWriting()
	require.NoError(t, s.WriteFault())
	require.Equal(t, 1, strings.Count(log.String(), "History cannot be written"), log.String())
	require.Equal(t, 1, strings.Count(log.String(), "History is written again"), log.String())
}
