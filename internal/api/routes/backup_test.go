package routes_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
)

// snapshotFunc is a history whose copy is what it returns.
type snapshotFunc func() (io.ReadCloser, int64, error)

func (f snapshotFunc) Snapshot() (io.ReadCloser, int64, error) { return f() }

// closing notes that it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// TestBackupThatIsCutShort: the client must not take a part for the whole.
func TestBackupThatIsCutShort(t *testing.T) {
	for declared, want := range map[int64]error{8: nil, 9: io.ErrUnexpectedEOF} {
		body := &closing{Reader: bytes.NewBufferString("contents")}
		s := newSidecar(t, func(s *routes.Sources) {
			s.Backups = snapshotFunc(func() (io.ReadCloser, int64, error) { return body, declared, nil })
		})
		var got bytes.Buffer
		size, err := s.client.Backup(t.Context(), &got)
		require.ErrorIs(t, err, want)
		require.Equal(t, "contents", got.String())
		require.Equal(t, int64(8), size)
		require.True(t, body.closed)
	}
}

func TestBackupsThatFail(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) {
		s.Backups = snapshotFunc(func() (io.ReadCloser, int64, error) { return nil, 0, errors.New("no room (make some)") })
	})
	_, err := s.client.Backup(t.Context(), io.Discard)
	require.EqualError(t, err, "no room (make some)")
	s = newSidecar(t, func(s *routes.Sources) { s.Backups = nil })
	_, err = s.client.Backup(t.Context(), io.Discard)
	require.ErrorContains(t, err, "keeps no history")
}
