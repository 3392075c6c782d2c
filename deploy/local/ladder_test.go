package main

import (
	"os"
	"os/exec"
	"path/filepath"
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
	require.Contains(t, commands[len(commands)-1], "history table")
	require.Len(t, advised(commands), len(rows))
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

// TestLadderOfSingleFaults: each row lacks one repair, and is advised on; the job without a fault is not.
func TestLadderOfSingleFaults(t *testing.T) {
	t.Parallel()
	rows, commands := ladder(t, "fault")
	require.Len(t, rows, 10)
	require.ElementsMatch(t, costly(), rows[0])
	var left []string
	for _, row := range rows[1:] {
		require.Len(t, row, len(costly())-1)
		left = append(left, slices.DeleteFunc(costly(), func(f string) bool { return slices.Contains(row, f) })...)
	}
	repairable := slices.DeleteFunc(costly(), func(f string) bool { return f == "state" })
	require.ElementsMatch(t, repairable, left)
	require.Len(t, advised(commands), len(rows)-1)
	require.NotContains(t, advised(commands)[0], "--label=baseline")
}

// interruptible is a sidecar whose first scale test is interrupted after it has opened its run. As the
// real one it refuses to open a run twice.
const interruptible = `#!/bin/bash
echo "$*" >>calls
[[ $1 == scaletest ]] || exit 0
[[ " $* " == *" --baseline "* && -e opened ]] && echo "the run exists and has a baseline" >&2 && exit 1
[[ -e opened ]] && exit 0
touch opened
exit 130
`

// TestLadderGoesOnAfterItsFirstTest: the test that opens the run was interrupted, and is repeated.
func TestLadderGoesOnAfterItsFirstTest(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("ladder.sh")
	require.NoError(t, err)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"bin/local": "#!/bin/bash\n", "path/curl": "#!/bin/bash\n", "bin/sidecar": interruptible, ".local/sidecar.yml": "",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	climb := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), script)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "ROUNDS=1", "PATH="+filepath.Join(dir, "path")+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	_, err = climb()
	require.Error(t, err)
	out, err := climb()
	require.NoError(t, err, out)
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(calls), "--label=baseline"), "it is repeated")
	done, err := os.ReadFile(filepath.Join(dir, ".local/ladder.done"))
	require.NoError(t, err)
	require.Equal(t, 10, strings.Count(string(done), "\n"))
}

func TestLadderNeedsTheStack(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "./ladder.sh")
	cmd.Env = append(cmd.Environ(), "DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "start bin/local demo --load=1 in another terminal")
}
