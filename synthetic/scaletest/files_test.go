package scaletest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// TestADirectoryIsWatched: files have a throughput and latencies, and no stamps, which is said.
func TestADirectoryIsWatched(t *testing.T) {
	behaviour := pipelinetest.Behaviour{Directory: t.TempDir(), Limit: 100}
	inBubble(t, behaviour, scaletest.Plan{Records: 1000}, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Equal(t, "directory "+behaviour.Directory, r.Environment[scalerun.SinkFact+"archive"])
		it := r.Iterations[0]
		files := it.Sinks["archive"]
		require.EqualValues(t, 1000, files.Seen)
		require.InDelta(t, 100, *files.Throughput, 2)
		require.InDelta(t, *it.Sinks["enriched"].ToAllSeconds, *files.ToAllSeconds, pollInterval.Seconds())
		require.Nil(t, files.Stamps)
		require.Nil(t, files.Indexed)
		require.Nil(t, files.ClockOffset)
		require.Contains(t, it.Notes, "archive: its files are read every 100ms; they have no stamps, so no latency between "+
			"stamps is measured")
	})
}

// TestALineIsInTheMiddleOfTwoLooks: records arrive 10 ms after their send, evenly between looks every
// 100 ms. The first look with one is 60 ms after its send in the mean, so the middle is 30 ms after it.
func TestALineIsInTheMiddleOfTwoLooks(t *testing.T) {
	behaviour := pipelinetest.Behaviour{Directory: t.TempDir(), Fate: func(int) pipelinetest.Fate {
		return pipelinetest.Fate{Delay: 10 * time.Millisecond}
	}}
	inBubble(t, behaviour, scaletest.Plan{Records: 1000, Rate: 99}, func(t *testing.T, r scalerun.Test) {
		require.InDelta(t, 0.03, *r.Iterations[0].Sinks["archive"].Latency.Mean, 0.005)
	})
}

// away moves a directory away when the job reads one record, and back when it reads another.
func away(dir string, from, until int) pipelinetest.Behaviour {
	return pipelinetest.Behaviour{Directory: dir, Fate: func(i int) pipelinetest.Fate {
		switch i {
		case from:
			_ = os.Rename(dir, dir+"-away") // the test fails without it
		case until:
			_ = os.Rename(dir+"-away", dir)
		}
		return pipelinetest.Fate{Delay: 10 * time.Millisecond}
	}}
}

// TestADirectoryThatIsAwayForAWhile is an unmounted volume: what was written meanwhile is counted,
// and the note says how exact the latencies are.
func TestADirectoryThatIsAwayForAWhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Mkdir(dir, 0o700))
	inBubble(t, away(dir, 200, 700), scaletest.Plan{Records: 1000, Rate: 100}, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		it := r.Iterations[0]
		require.EqualValues(t, 1000, it.Sinks["archive"].Seen)
		require.Zero(t, it.Duplicates)
		require.Regexp(t, `archive: its files were not read for 5\.\d s, so their latencies are wrong by up to half of that`,
			strings.Join(it.Notes, "\n"))
	})
}

// TestADirectoryThatStaysAway ends the test: what is there is unknown, and not lost.
func TestADirectoryThatStaysAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Mkdir(dir, 0o700))
	inBubble(t, away(dir, 200, -1), scaletest.Plan{Records: 1000, Rate: 100}, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.Aborted, r.Verdict)
		require.Contains(t, r.Reason, "does not exist (create it, or correct sinks[name=archive].files.directory)")
		require.Empty(t, r.Iterations)
	})
}
