package flame

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pairs lists recordings that async-profiler wrote both as a page and as collapsed stacks.
// testdata/pairs/Pairs.java is the recorded program.
func pairs(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("testdata/pairs/*.html")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(pages), 20)
	return pages
}

// suffix is the type suffix of a frame in async-profiler's collapsed output.
var suffix = regexp.MustCompile(`_\[[0jik1]\](;| \d+$)`)

// asContracted converts async-profiler's collapsed output to the form of WriteCollapsed:
// without suffixes, equal stacks in one line, sorted by stack. It shares no code with the
// package.
func asContracted(t *testing.T, collapsed []byte) string {
	t.Helper()
	counts := map[string]int{}
	for line := range strings.Lines(string(collapsed)) {
		line = suffix.ReplaceAllString(strings.TrimSuffix(line, "\n"), "$1")
		space := strings.LastIndexByte(line, ' ')
		count, err := strconv.Atoi(line[space+1:])
		require.NoError(t, err)
		counts[line[:space]] += count
	}
	var text strings.Builder
	for _, stack := range slices.Sorted(maps.Keys(counts)) {
		text.WriteString(stack + " " + strconv.Itoa(counts[stack]) + "\n")
	}
	return text.String()
}

func TestPagesAgreeWithAsyncProfilersCollapsedStacks(t *testing.T) {
	for _, file := range pairs(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			collapsed, err := os.ReadFile(strings.TrimSuffix(file, ".html") + ".collapsed")
			require.NoError(t, err)
			want := asContracted(t, collapsed)

			page := readFile(t, file)
			require.Equal(t, want, collapse(t, page.Tree))

			again, err := ReadCollapsed(bytes.NewReader(collapsed))
			require.NoError(t, err)
			require.Equal(t, want, collapse(t, again))
			require.Equal(t, page.Tree.Total(), again.Total())
		})
	}
}

func readFile(t *testing.T, file string) *Page {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	page, err := ReadPage(f)
	require.NoError(t, err)
	return page
}

func collapse(t *testing.T, tree *Tree) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, tree.WriteCollapsed(&text))
	return text.String()
}
