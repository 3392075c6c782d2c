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
	code, _, stderr = ask(sc.history, "compact")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "the sidecar at "+sc.url+" uses the history (stop it, compact, and start it again)")
	sc.stop()
	copied("cold.db")
	code, stdout, stderr := ask(sc.history, "compact")
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "the history has ")
	copied("compact.db")

	code, _, stderr = ask(filepath.Join(dir, "none.db"), "compact")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no history at")
	code, _, stderr = ask(filepath.Join(dir, "none.db"), "backup", filepath.Join(dir, "of-none.db"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no history at")
	// What is wrong with the file must not end in a copy of an empty history.
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	whole, err := os.ReadFile(filepath.Join(dir, "cold.db"))
	require.NoError(t, err)
	for _, command := range []string{"backup", "compact"} {
		require.NoError(t, os.WriteFile(damaged, whole[:len(whole)/2], 0o600))
		args := []string{command}
		if command == "backup" {
			args = append(args, filepath.Join(dir, "of-damaged.db"))
		}
		code, _, stderr = ask(damaged, args...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "the history at "+damaged+": damaged: ")
		kept, err := os.ReadFile(damaged)
		require.NoError(t, err)
		require.Equal(t, whole[:len(whole)/2], kept, "%s changes no damaged file", command)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	require.NoError(t, err)
	require.Len(t, left, 3, strings.Join(left, " "))
}
