package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBackupThroughTheRunningSidecarAndWithout: a copy taken while a sidecar has the history
// open shows the same run, and so does one taken of the file.
func TestBackupThroughTheRunningSidecarAndWithout(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	dir := t.TempDir()
	results := filepath.Join(dir, "results.csv")
	require.NoError(t, os.WriteFile(results, []byte(threeLabels), 0o600))
	ask := func(path string, args ...string) (code int, stdout, stderr string) {
		var out, problems output
		code = run(t.Context(), append(append([]string{"history"}, args...), "--history.path="+path), &out, &problems)
		return code, out.String(), problems.String()
	}
	code, _, stderr := ask(sc.history, "import", "--format=csv", "--run=branches", results)
	require.Equal(t, exitFine, code, stderr)
	code, want, stderr := ask(sc.history, "table", "--format=csv")
	require.Equal(t, exitFine, code, stderr)

	copied := func(to string) {
		t.Helper()
		to = filepath.Join(dir, to)
		code, stdout, stderr := ask(sc.history, "backup", to)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stdout, "copied the history to "+to+", ")
		code, got, stderr := ask(to, "table", "--format=csv")
		require.Equal(t, exitFine, code, stderr)
		require.Equal(t, want, got)
		code, _, stderr = ask(sc.history, "backup", to)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "choose another name")
	}
	copied("hot.db")
	sc.stop()
	copied("cold.db")

	code, _, stderr = ask(filepath.Join(dir, "none.db"), "backup", filepath.Join(dir, "of-none.db"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no history at")
	left, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	require.NoError(t, err)
	require.Len(t, left, 2, strings.Join(left, " "))
}
