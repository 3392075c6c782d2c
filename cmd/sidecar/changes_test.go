package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTableThroughTheRunningSidecar: the commands find the process that has the history
// open, and its refusal is theirs.
func TestTableThroughTheRunningSidecar(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	where := "--history.path=" + sc.history
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems output
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}
	code, _, stderr := ask("history", "table", where)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no run with a baseline")

	story, err := os.ReadFile("../../internal/outcome/testdata/story.csv")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "story.csv")
	require.NoError(t, os.WriteFile(file, story, 0o600))
	code, stdout, stderr := ask("history", "import", "--format=csv", "--run=story", "--job=orders", file, where)
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "imported 10 rows as run \"story\" of job \"orders\"\n", stdout)
	code, stdout, stderr = ask("history", "table", "--format=csv", where)
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "Slightly Bigger Checkpoints,1266.025641,1155.39,4.63,")
	code, stdout, stderr = ask("history", "export", "--sidecar.url="+sc.url)
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "(baseline),1,100.8470771\n")
	code, _, stderr = ask("history", "import", "--format=csv", "--run=story", "--job=orders", file, where)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "(choose another name with --run)")
}
