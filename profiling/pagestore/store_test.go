package pagestore

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStoreKeepsAPage(t *testing.T) {
	store := &Store{Dir: filepath.Join(t.TempDir(), "a", "profiles")}
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	require.NoError(t, store.Put(page))
	require.NoError(t, store.Put(page), "twice is once")

	kept, err := store.Page(HashOf(page))
	require.NoError(t, err)
	require.Equal(t, page, kept)
	tree, err := store.Tree(HashOf(page))
	require.NoError(t, err)
	require.EqualValues(t, 327, tree.Total())

	files, err := os.ReadDir(store.Dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "no temporary file is left")
	info, err := files[0].Info()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.Less(t, info.Size(), int64(len(page)/5))
}

func TestStoreSaysWhatIsWrong(t *testing.T) {
	store := &Store{Dir: t.TempDir()}
	page := []byte("f(0,0,1,3,'all')\n</html>\n")
	hash := HashOf(page)
	const advice = " (restore it from a backup; its findings stay in history)"

	_, err := store.Page(hash)
	require.ErrorIs(t, err, ErrMissing)
	require.EqualError(t, err, "profiling: page "+hash+" is missing from "+store.Dir+
		": retention removed it, or it was lost "+
		"(see profiling.keep and profiling.keep_size; its findings stay in history)")

	var other bytes.Buffer
	compressed := gzip.NewWriter(&other)
	_, err = compressed.Write([]byte("another page"))
	require.NoError(t, err)
	require.NoError(t, compressed.Close())

	require.NoError(t, store.Put(page))
	whole, err := os.ReadFile(store.path(hash))
	require.NoError(t, err)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-5], "flipped": flipped, "another": other.Bytes(), "plain": page,
	} {
		require.NoError(t, os.WriteFile(store.path(hash), content, 0o600))
		_, err := store.Page(hash)
		require.ErrorIs(t, err, ErrDamaged, name)
		require.EqualError(t, err, "profiling: page "+hash+" in "+store.Dir+" is damaged"+advice)

		require.NoError(t, store.Put(page))
		_, err = store.Page(hash)
		require.NoError(t, err, "a damaged file is replaced")
	}

	for _, name := range []string{"", "../../etc/passwd", strings.Repeat("0", 63), strings.Repeat("x", 64)} {
		_, err = store.Page(name)
		require.ErrorContains(t, err, "is not the hash of a page (copy it from the profile)")
	}

	for text, want := range map[string]string{
		"<html>hello\n": "not a flame graph of async-profiler", "hello\n": "line 1: no count after the stack",
		`{"hello":1}`: "not sampled yet",
	} {
		require.NoError(t, store.Put([]byte(text)))
		_, err = store.Tree(HashOf([]byte(text)))
		require.ErrorContains(t, err, want)
	}
}
