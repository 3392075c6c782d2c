package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// reader is a tail that has seen nothing of its directory.
func reader(t *testing.T) (s *tail, dir string, next func() []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Mkdir(dir, 0o700))
	s = &tail{directory: dir, files: map[string]*position{}}
	return s, dir, func() []string {
		lines, complete, err := s.read()
		require.NoError(t, err)
		require.True(t, complete)
		texts := []string{}
		for _, l := range lines {
			texts = append(texts, fmt.Sprintf("%s@%d %s", l.file, l.offset, strings.TrimSpace(string(l.text))))
		}
		return texts
	}
}

func TestLinesAreReadOnceAndWhole(t *testing.T) {
	_, dir, next := reader(t)
	write(t, filepath.Join(dir, "a"), "one\ntw")
	write(t, filepath.Join(dir, "2026-01-01", "b"), "three\n")
	require.Equal(t, []string{"2026-01-01/b@0 three", "a@0 one"}, next())
	write(t, filepath.Join(dir, "a"), "o\nlast")
	require.Equal(t, []string{"a@4 two"}, next())
	require.Equal(t, []string{"a@8 last"}, next(), "a file that does not grow has no further line")
	require.Empty(t, next())
}

func TestUnfinishedFilesAndLinksAreLeftOut(t *testing.T) {
	_, dir, next := reader(t)
	write(t, filepath.Join(dir, ".part-0.inprogress"), "one\n")
	write(t, filepath.Join(dir, "_temporary", "a"), "two\n")
	write(t, filepath.Join(dir, "..", "secret"), "three\n")
	require.NoError(t, os.Symlink(filepath.Join(dir, "..", "secret"), filepath.Join(dir, "link")))
	require.Empty(t, next())
	require.NoError(t, os.Rename(filepath.Join(dir, ".part-0.inprogress"), filepath.Join(dir, "part-0")))
	require.Equal(t, []string{"part-0@0 one"}, next())
}

func TestAFileThatIsWrittenAnew(t *testing.T) {
	_, dir, next := reader(t)
	write(t, filepath.Join(dir, "a"), "a long line\n")
	require.Len(t, next(), 1)
	require.NoError(t, os.Truncate(filepath.Join(dir, "a"), 0))
	write(t, filepath.Join(dir, "a"), "new\n")
	require.Equal(t, []string{"a@0 new"}, next())
}

func TestOldContentIsSkipped(t *testing.T) {
	s, dir, next := reader(t)
	write(t, filepath.Join(dir, "old"), "one\n")
	require.NoError(t, s.skip(time.Now().Add(time.Hour)))
	require.Empty(t, next())
	require.NoError(t, s.skip(time.Now().Add(-time.Hour)))
	require.Equal(t, []string{"old@0 one"}, next(), "a record of an earlier process may be in it")
}

func TestOneLookIsBounded(t *testing.T) {
	s, dir, _ := reader(t)
	row := strings.Repeat("x", 1<<20-1) + "\n"
	write(t, filepath.Join(dir, "a"), strings.Repeat(row, 20))
	lines, complete, err := s.read()
	require.NoError(t, err)
	require.False(t, complete)
	require.Len(t, lines, maxRead>>20)
	lines, complete, err = s.read()
	require.NoError(t, err)
	require.True(t, complete)
	require.Len(t, lines, 4)
}

// TestLinesAreWholeAcrossLooks has more than two looks may read: none cuts a line.
func TestLinesAreWholeAcrossLooks(t *testing.T) {
	s, dir, _ := reader(t)
	const rows, length = 50, 1_000_000
	write(t, filepath.Join(dir, "a"), strings.Repeat(strings.Repeat("x", length-1)+"\n", rows))
	found, complete := 0, false
	for !complete {
		var lines []line
		var err error
		lines, complete, err = s.read()
		require.NoError(t, err)
		for _, l := range lines {
			require.True(t, len(l.text) == length && l.text[length-1] == '\n', "a line of %d bytes", len(l.text))
		}
		found += len(lines)
	}
	require.Equal(t, rows, found)
}

func TestTheGuideStatesTheLimits(t *testing.T) {
	guide, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	for _, want := range []string{
		fmt.Sprintf("reads at most %d MiB.", maxRead>>20), fmt.Sprintf("directory with more than %d files", maxFiles),
		fmt.Sprintf("changed for %d h ", quietAfter/time.Hour), fmt.Sprintf("or %d in all", mostListed),
	} {
		require.Contains(t, string(guide), want)
	}
}
