package scenario_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/scenario"
)

// What the recorded scenarios must be at least, and at most.
const (
	leastFaults  = 24
	leastHealthy = 8
	mostBytes    = 4 << 20
)

// TestRules holds the rules against every recorded scenario. A check that fails is a wrong
// rule or, with a reason in known_misses, a missing one. A check that passes though it is
// known to fail is good news that must be written down.
func TestRules(t *testing.T) {
	t.Parallel()
	scenarios, err := scenario.Recorded()
	require.NoError(t, err)
	result := scenario.Run(scenarios, advisor.Rules)
	for _, score := range result.Scores {
		t.Run(score.Name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, score.Surprises(), "found: %s", strings.Join(score.Findings, ", "))
		})
	}
	require.GreaterOrEqual(t, result.Summary.Faults, leastFaults)
	require.GreaterOrEqual(t, result.Summary.Healthy, leastHealthy)
	t.Logf("%+v", result.Summary)
}

// TestEveryFaultIsRecorded: each fault of the sample job has a scenario that plants it, but for
// the leak: it shows in the trend of the heap, and not in a profile.
func TestEveryFaultIsRecorded(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"kryo", "bulk", "lookup", "state", "mapper", "json", "types", "hotkey", "files", "interval",
	} {
		require.FileExists(t, filepath.Join("recorded", "sample-"+fault, scenario.AnswerName))
	}
}

func TestRecordingsAreSmall(t *testing.T) {
	t.Parallel()
	var size int64
	require.NoError(t, fs.WalkDir(os.DirFS("recorded"), ".", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	}))
	require.Less(t, size, int64(mostBytes))
}
