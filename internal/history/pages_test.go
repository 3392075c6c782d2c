package history

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
)

func pagesOf(t *testing.T, s *Store, cluster string, since time.Time) (out []string) {
	t.Helper()
	require.NoError(t, s.Pages(cluster, since, func(page []byte) error {
		out = append(out, string(page))
		return nil
	}))
	return out
}

func TestPagesAreKeptForATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := open(t, path)
	began := s.Now().Add(-time.Hour)
	for minute, text := range []string{"a", "b", "c", "d"} {
		at := began.Add(time.Duration(minute) * time.Minute)
		require.NoError(t, s.PutPage("prod", at, []byte(text), 2*time.Minute))
		require.NoError(t, s.PutPage("test", at, []byte("of test"), 2*time.Minute))
	}
	require.Equal(t, []string{"b", "c", "d"}, pagesOf(t, s, "prod", time.Time{}))
	require.Equal(t, []string{"c", "d"}, pagesOf(t, s, "prod", began.Add(90*time.Second)))
	require.Len(t, pagesOf(t, s, "test", time.Time{}), 3)
	require.Empty(t, pagesOf(t, s, "elsewhere", time.Time{}))

	require.NoError(t, s.Close())
	s = open(t, path)
	require.Empty(t, s.SetAside(), "the digest knows the pages")
	require.Equal(t, []string{"b", "c", "d"}, pagesOf(t, s, "prod", time.Time{}))
}

func TestPagesThatAreRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	require.ErrorContains(t, s.PutPage("prod", s.Now(), make([]byte, kinds.MaxPage+1), time.Hour), "store at most 256 KiB")
	require.ErrorContains(t, s.PutPage("prod", s.Now().Add(2*time.Hour), nil, time.Hour), "set the clocks")
}

func TestDocHasTheSchema(t *testing.T) {
	raw, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	require.Contains(t, string(raw), fmt.Sprintf("The present schema is %d.", len(migrations)))
}
