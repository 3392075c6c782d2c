package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// threeLabels have three deployments each: slow loses a fifth, faster gains as much.
const threeLabels = `label,deployment,iteration,throughput
main,1,1,99
main,2,1,100
main,3,1,101
slow,1,1,79
slow,2,1,80
slow,3,1,81
faster,1,1,119
faster,2,1,120
faster,3,1,121
`

// TestCompareExitsWithThree: the result is on standard output in any case; only a large
// regression is 3, and what cannot be compared is 1.
func TestCompareExitsWithThree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, where := filepath.Join(dir, "results.csv"), "--history.path="+filepath.Join(dir, "h.db")
	require.NoError(t, os.WriteFile(file, []byte(threeLabels), 0o600))
	ask := func(args string) (code int, stdout, stderr string) {
		var out, problems output
		code = run(t.Context(), append(strings.Fields(args), where), &out, &problems)
		return code, out.String(), problems.String()
	}
	code, _, stderr := ask("history import --format=csv --run=branches " + file)
	require.Equal(t, exitFine, code, stderr)
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"main faster":                 {exitFine, "+20.00 %", ""},
		"main slow":                   {3, "large regression: the throughput is 20.00 % lower", "sidecar: this is a large regression ("},
		"main slow --format=markdown": {3, "| records/s | 100 | 80 | -20.00 % |", "large regression"},
		"main slow --format=json":     {3, `"large_regression": true`, "large regression"},
		"slow main --run=branches":    {exitFine, "+25.", ""},
		"mian slow":                   {exitFailed, "", `no label "mian" (it has "main", "slow", "faster"; --run names another run)`},
		"main slow --run=none":        {exitFailed, "", "there is no run none"},
		"main main":                   {exitFailed, "", "compared with itself"},
		"main":                        {exitUsage, "", "required argument 'new'"},
		"main slow --format=csv":      {exitUsage, "", "csv"},
	} {
		code, stdout, stderr := ask("history compare " + args)
		require.Equal(t, want.code, code, "%s: %s", args, stderr)
		require.Contains(t, stdout, want.stdout, args)
		require.Contains(t, stderr, want.stderr, args)
		require.Equal(t, want.stderr == "", stderr == "", args)
	}
}
