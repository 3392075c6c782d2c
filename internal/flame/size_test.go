package flame

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A cache uses Bytes, so it must be near the memory that the tree really uses. The tree of a
// page uses at most two and a half times the size of the page, except for pages with very
// short lines.
func TestBytesIsNearTheMemoryOfATree(t *testing.T) {
	for name, render := range dialects {
		var text bytes.Buffer
		render(&text, random(100_000, 1))
		before := heap()
		page, err := ReadPage(bytes.NewReader(text.Bytes()))
		require.NoError(t, err)
		held := heap() - before
		require.InEpsilon(t, held, page.Tree.Bytes(), 0.25, name)
		require.Less(t, page.Tree.Bytes(), int64(text.Len())*5/2, name)
		runtime.KeepAlive(text)
	}
	made := tree(t, "a;b 1")
	small := made.Bytes()
	made.Add([]string{"a", "c"}, 1)
	require.Greater(t, made.Bytes(), small, "the first added stack builds the indexes again")
	require.Equal(t, "a;b 1\na;c 1\n", collapse(t, made))
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
