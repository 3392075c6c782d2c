package profilefile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestAFormatOfEachKindIsReadAndWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stacks := filepath.Join(dir, "run_ALLOC_1.collapsed")
	require.NoError(t, os.WriteFile(stacks, []byte("a;b 3\na;c 4\n"), 0o600))
	p, err := Open(stacks, "")
	require.NoError(t, err)
	require.Equal(t, flame.Alloc, p.Mode, "the name of the file decides")
	named, err := Open(stacks, flame.Lock)
	require.NoError(t, err)
	require.Equal(t, flame.Lock, named.Mode)
	for _, format := range Formats() {
		out := filepath.Join(dir, "out."+format)
		require.NoError(t, Save(out, p, format))
		text, err := os.ReadFile(out)
		require.NoError(t, err)
		require.NotEmpty(t, text, format)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out.collapsed"))
	require.NoError(t, err)
	require.Equal(t, "a;b 3\na;c 4\n", string(text))

	require.ErrorIs(t, Save(stacks, p, Table), ErrSame)
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(stacks, link))
	require.ErrorIs(t, Save(link, p, Table), ErrSame)
}

func TestFaultsNameTheFile(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(page, []byte("not a page"), 0o600))
	_, err := Open(page, "")
	require.ErrorContains(t, err, page+": ")
	_, err = Open(page+".none", "")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, " (check the path)")
}
