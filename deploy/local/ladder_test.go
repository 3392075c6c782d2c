package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// ladder returns what the script would repair in each row, by a dry run.
func ladder(t *testing.T, args ...string) (rows [][]string, commands []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "./ladder.sh", args...)
	cmd.Env = append(cmd.Environ(), "DRY_RUN=1", "ROUNDS=1", "DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	commands = strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range commands {
		if _, after, found := strings.Cut(line, "--fixed="); found {
			rows = append(rows, strings.Split(strings.ReplaceAll(strings.TrimSpace(after), `\`, ""), ","))
		}
	}
	return rows, commands
}

// advised are the measurements that advice follows.
func advised(commands []string) []string {
	return slices.DeleteFunc(slices.Clone(commands), func(c string) bool { return !strings.Contains(c, "--advise") })
}

// costly are the faults that are planted for the ladder. A leak costs no throughput until the heap
// is full.
func costly() []string {
	return slices.DeleteFunc(stack.Faults(), func(fault string) bool { return fault == "leak" })
}

// TestLadderRepairsEachFaultOnce: nine rows after the baseline, each with one repair more, and
// in the end none is left.
func TestLadderRepairsEachFaultOnce(t *testing.T) {
	t.Parallel()
	rows, commands := ladder(t)
	require.Len(t, rows, 10)
	require.Equal(t, []string{"state"}, rows[0])
	for i := 1; i < len(rows); i++ {
		require.Equal(t, rows[i-1], rows[i][:i])
		require.Len(t, rows[i], i+1)
	}
	last := slices.Clone(rows[9])
	require.ElementsMatch(t, costly(), last)
	require.Contains(t, commands[2], "--run=ladder --label=baseline")
	require.Contains(t, commands[2], "--baseline")
	require.Contains(t, commands[len(commands)-1], "history table")
	require.Len(t, advised(commands), len(rows))
	for _, line := range commands[3:] {
		require.NotContains(t, line, "--baseline ")
	}
}

func TestLadderOfSingleRepairs(t *testing.T) {
	t.Parallel()
	rows, commands := ladder(t, "single")
	require.Len(t, advised(commands), 1)
	require.Len(t, rows, 10)
	repaired := []string{"state"}
	for _, row := range rows[1:] {
		require.Len(t, row, 2)
		repaired = append(repaired, row[1])
	}
	require.ElementsMatch(t, costly(), repaired)
}

func TestLadderNeedsTheStack(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "./ladder.sh")
	cmd.Env = append(cmd.Environ(), "DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "start bin/local demo --load=1 in another terminal")
}
