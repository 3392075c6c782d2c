package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

func pagesOf(t *testing.T, s *Store, cluster string, since time.Time) (out []string) {
	t.Helper()
	require.NoError(t, s.Pages(cluster, since, func(_ time.Time, page []byte) error {
		out = append(out, string(page))
		return nil
	}))
	return out
}

func TestPagesAreKeptForATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := open(t, path)
	began, keep := s.Now().Add(-time.Hour), episode.Thinning{Whole: 2 * time.Minute}
	for minute, text := range []string{"a", "b", "c", "d"} {
		at := began.Add(time.Duration(minute) * time.Minute)
		require.NoError(t, s.PutPage("prod", at, []byte(text), keep))
		require.NoError(t, s.PutPage("test", at, []byte("of test"), keep))
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

// TestOlderPagesAreThinned has a page each minute of two clusters, of which each is kept for 10 min and
// one in 5 min for half an hour.
func TestOlderPagesAreThinned(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	keep := episode.Thinning{Whole: 10 * time.Minute, Past: 30 * time.Minute, Step: 5 * time.Minute}
	began := s.Now().Truncate(time.Hour).Add(-2 * time.Hour)
	var want []string
	for minute := range 61 {
		at := began.Add(time.Duration(minute) * time.Minute)
		text := strconv.Itoa(minute)
		require.NoError(t, s.PutPage("prod", at, []byte(text), keep))
		require.NoError(t, s.PutPage("test", at, []byte(text), keep))
		if minute >= 50 || minute >= 30 && minute%5 == 0 {
			want = append(want, text)
		}
	}
	require.Equal(t, want, pagesOf(t, s, "prod", time.Time{}))
	require.Equal(t, want, pagesOf(t, s, "test", time.Time{}))
}

// TestAllPages reads those of two clusters in parts, which are large, from a time on.
func TestAllPages(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	began := s.Now().Add(-time.Hour)
	for i := range 20 {
		page := make([]byte, kinds.MaxPage)
		page[0] = byte(i)
		require.NoError(t, s.PutPage([]string{"a", "b"}[i%2], began.Add(time.Duration(i/2)*time.Minute), page,
			episode.Thinning{Whole: time.Hour}))
	}
	for since, first := range map[time.Time]int{{}: 0, began.Add(4 * time.Minute): 8} {
		seen, parts := 0, 0
		for after := ""; ; parts++ {
			pages, next, err := s.AllPages(since, after)
			require.NoError(t, err)
			for _, page := range pages {
				require.Equal(t, (first+seen)/2, int(page[0])/2, "in the order of their times")
				seen++
			}
			if after = next; after == "" {
				break
			}
		}
		require.Equal(t, 20-first, seen)
		require.Positive(t, parts)
	}
	_, _, err := s.AllPages(time.Time{}, "zz")
	var invalid *ledger.InvalidError
	require.ErrorAs(t, err, &invalid)
	pages, next, err := s.AllPages(s.Now(), "")
	require.NoError(t, err)
	require.Empty(t, pages)
	require.Empty(t, next)
}

func TestPagesThatAreRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	require.ErrorContains(t, s.PutPage("prod", s.Now(), make([]byte, kinds.MaxPage+1), episode.Thinning{}), "store at most 256 KiB")
	require.ErrorContains(t, s.PutPage("prod", s.Now().Add(2*time.Hour), nil, episode.Thinning{}), "set the clocks")
}

func TestDocHasTheSchema(t *testing.T) {
	raw, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	require.Contains(t, string(raw), fmt.Sprintf("The present schema is %d.", len(migrations)))
}
