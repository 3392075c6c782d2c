package bundlefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

func episodeID(n int) string { return fmt.Sprintf("01KBRSV6J0%016d", n) }

func TestAStoreKeepsTheNewest(t *testing.T) {
	s := &Store{Dir: DirBeside(filepath.Join(t.TempDir(), "history.db")), most: 3, bytes: 1000}
	require.Equal(t, "history-bundles", filepath.Base(s.Dir))
	_, err := s.Read(episodeID(1))
	require.ErrorIs(t, err, ErrMissing)
	for n := 1; n <= 5; n++ {
		require.NoError(t, s.Put(episodeID(n), Files{Name: []byte(fmt.Sprintf(`{"job": "j%d"}`, n))}))
	}
	require.NoError(t, s.Put(episodeID(5), Files{Name: []byte(`{"job": "again"}`)}), "it is judged again")
	for n, want := range map[int]string{3: "j3", 4: "j4", 5: "again"} {
		b, err := s.Read(episodeID(n))
		require.NoError(t, err)
		require.Equal(t, want, b.Job)
	}
	_, err = s.Files(episodeID(2))
	require.ErrorIs(t, err, ErrMissing)

	require.NoError(t, s.Put(episodeID(6), Files{Name: make([]byte, 2000)}))
	entries, err := os.ReadDir(s.Dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "the newest stays, however large")
}

func TestOnlyIdsArePlacesInAStore(t *testing.T) {
	s := &Store{Dir: t.TempDir()}
	for _, id := range []string{"", "..", "../x", "x/y", episodeID(1) + "/.."} {
		_, err := s.Files(id)
		require.ErrorContains(t, err, "is not the id of an episode (sidecar history list shows the ids)")
		require.Error(t, s.Put(id, Files{}))
	}
}

// TestAPlaceThatIsNoDirectory keeps nothing, and says so.
func TestAPlaceThatIsNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, (&Store{Dir: file}).Put(episodeID(1), Files{Name: []byte("{}")}), "not a directory")
}

// TestBoundsAreDocumented holds the numbers of docs/operations.md.
func TestBoundsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	require.Contains(t, string(doc), fmt.Sprintf("the newest %d, within %d MiB", mostKept, mostBytes>>20))
	files, err := Pack(evidence.Bundle{})
	require.NoError(t, err)
	require.NotEmpty(t, files.Hash())
}

// TestBundlesAtTheBoundsOfAStore: as many and as many bytes as the bounds are kept.
func TestBundlesAtTheBoundsOfAStore(t *testing.T) {
	for _, tc := range []struct {
		most  int
		bytes int64
		kept  int
	}{{3, 1000, 3}, {4, 100, 4}, {4, 99, 3}, {10, 1000, 4}} {
		s := &Store{Dir: t.TempDir(), most: tc.most, bytes: tc.bytes}
		for n := 1; n <= 4; n++ {
			require.NoError(t, s.Put(episodeID(n), Files{Name: make([]byte, 25)}))
		}
		entries, err := os.ReadDir(s.Dir)
		require.NoError(t, err)
		require.Len(t, entries, tc.kept, "%+v", tc)
	}
}

// TestNamesThatStandAlone has a letter, a digit or a byte of another alphabet beside a name.
func TestNamesThatStandAlone(t *testing.T) {
	for text, want := range map[string]bool{
		"job": true, " job ": true, "/job:": true, "-job-": true, "@job[": true, "`job{": true,
		"xjob": false, "jobx": false, "0job": false, "job9": false, "_job": false, "job_": false, "éjob": false, "jobé": false,
		"ajob": false, "zjob": false, "Ajob": false, "Zjob": false, "9job": false,
	} {
		from := strings.Index(text, "job")
		require.Equal(t, want, alone(text, from, from+3), text)
	}
}
