package flame

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzed are limits that are small enough for the fuzzer's inputs to reach them.
var fuzzed = limits{bytes: 1 << 20, line: 1 << 16, depth: 64, frames: 4096, names: 1024, nameBytes: 1 << 16}

// FuzzReadPage searches for pages that make the reader panic, and for pages whose tree is
// inconsistent.
func FuzzReadPage(f *testing.F) {
	for _, pattern := range []string{"testdata/pairs/*LOCK.html", "testdata/flink/*LOCK.html"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Add([]byte(oldPage("f(0,0,9,3,'all')", "f(1,0,5,1,'it\\'s',1,2,3)", "f(2,1,2,2,'a\\\\b')",
		"f(1,7,2,4,'x;y_[j]')")))
	f.Add([]byte(newPage("n(3,10)", "u(9,7)", "d=-2", "u(17,3,1,0,1)", "n(25)", "f(34,1,4,3)")))
	f.Fuzz(func(t *testing.T, text []byte) {
		page, err := readPage(bytes.NewReader(text), fuzzed)
		if err != nil {
			require.Nil(t, page)
			return
		}
		consistent(t, page.Tree)
	})
}

// FuzzReadCollapsed does the same for collapsed stacks.
func FuzzReadCollapsed(f *testing.F) {
	f.Add([]byte("a;b_[j];c 1\n 2\na;b;c 3\noperator new(unsigned long);x 4\n"))
	f.Add([]byte("a 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		made, err := readCollapsed(bytes.NewReader(text), fuzzed)
		if err != nil {
			require.Nil(t, made)
			return
		}
		consistent(t, made)
	})
}

// consistent checks a tree: its counts are valid, and its output is sorted, adds up and
// reads as the same tree.
func consistent(t *testing.T, made *Tree) {
	t.Helper()
	require.Len(t, made.self, len(made.nodes))
	for _, samples := range made.self {
		require.GreaterOrEqual(t, samples, int64(0))
	}
	var self int64
	for _, frame := range made.Frames() {
		require.LessOrEqual(t, frame.Self, frame.Total)
		require.LessOrEqual(t, frame.Total, made.Total())
		self += frame.Self
	}
	require.Equal(t, made.Total(), self+made.self[root])

	text := collapse(t, made)
	last := []byte(nil)
	for line := range bytes.Lines([]byte(text)) {
		stack := line[:bytes.LastIndexByte(line, ' ')]
		require.True(t, last == nil || bytes.Compare(last, stack) < 0, "%q after %q", stack, last)
		last = append([]byte{}, stack...)
	}
	again, err := ReadCollapsed(bytes.NewReader([]byte(text)))
	require.NoError(t, err)
	require.Equal(t, made.Total(), again.Total())
	require.Equal(t, text, collapse(t, again))
}

// FuzzReadVertex: for any answer of Flink, the reader refuses it or its samples add up.
func FuzzReadVertex(f *testing.F) {
	f.Add(`{"endTimestamp":1,"data":{"name":"root","value":5,"children":[{"name":"a.B.run:1","value":2,"children":[]}]}}`)
	f.Add(`{"endTimestamp":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		tree, _, err := ReadVertex(strings.NewReader(text))
		if err != nil {
			return
		}
		consistent(t, tree)
	})
}

// FuzzAddThreads: for any answer of Flink, AddThreads refuses it or adds one sample for
// each thread.
func FuzzAddThreads(f *testing.F) {
	f.Add(`{"threadInfos":[{"threadName":"a","stringifiedThreadInfo":"\tat app//a.B$$Lambda$1/0x2.c(Unknown Source)\n\tat d.E.run(E.java:1)\n\t...\n"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		tree := New()
		added, cut, err := tree.AddThreads([]byte(text))
		require.LessOrEqual(t, cut, added)
		if err != nil {
			added = 0
		}
		require.Equal(t, added, tree.Total())
		consistent(t, tree)
	})
}

// FuzzAlign: the alignment of two profiles loses no sample, for any renaming, and each
// comparison has a band around each change.
func FuzzAlign(f *testing.F) {
	f.Add("a$$Lambda$1/0x2.b;c 3\na$$Lambda$2/0x3.b;c 1\n 2\n", "a$$Lambda$7/0x2.b;c 9\n")
	f.Add("A$1.b;_[j]+0x1 3\n", "a;a;a 4\na;a 1\n")
	f.Fuzz(func(t *testing.T, base, next string) {
		before, err := readCollapsed(strings.NewReader(base), fuzzed)
		if err != nil {
			return
		}
		after, err := readCollapsed(strings.NewReader(next), fuzzed)
		if err != nil || before.Total() > 1<<50 || after.Total() > 1<<50 {
			return
		}
		for _, rename := range []func(string) string{Normal, asItIs} {
			pair := Align(before, after, rename)
			require.Equal(t, before.Total(), pair.Base.Total())
			require.Equal(t, after.Total(), pair.New.Total())
			consistent(t, pair.Base)
			comparison, err := pair.Compare(noCategory)
			refused := before.Total() == 0 || after.Total() == 0 || pair.comparable() != nil // 4222221 are bytes
			require.Equal(t, refused, err != nil)
			for _, frame := range comparison.Frames {
				require.LessOrEqual(t, frame.Total.Low, frame.Total.Points)
				require.GreaterOrEqual(t, frame.Total.High, frame.Total.Points)
			}
		}
		require.Equal(t, collapse(t, before), collapse(t, Align(before, after, asItIs).Base))
	})
}
