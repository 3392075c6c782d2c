package trouble

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min",
		179 * time.Second: "2 min 59 s", time.Hour: "1 h", time.Hour + 5*time.Second: "1 h", 26*time.Hour + 90*time.Second: "26 h 1 min",
	} {
		require.Equal(t, want, span(d), d)
	}
}

// TestTextsOfFlinkAreBounded: names and causes come from other programs.
func TestTextsOfFlinkAreBounded(t *testing.T) {
	nasty := strings.Repeat("a\n\u202e", 5000)
	w := newWorld(t)
	w.job().Name = nasty
	w.job().Vertices[2].Name = nasty
	for range 3 {
		w.fail(0, nasty, nasty)
	}
	w.poll()
	stall(w.job())
	w.fail(0, nasty, nasty)
	w.lose()
	w.job().Checkpoints.Running = &snapshot.RunningCheckpoint{Age: time.Hour}
	w.failCheckpoint(3)
	w.failCheckpoint(4)
	w.job().Checkpoints.LastFailed.Message = nasty
	w.poll()
	require.Len(t, w.watch.List(), 5)
	for _, found := range w.watch.List() {
		for _, text := range []string{found.What, found.Seen, found.Do, found.Subject} {
			require.Less(t, len([]rune(text)), 1000)
			require.NotContains(t, text, "\n")
		}
	}
}

// TestTheDocumentedLimits counts again what docs/operations.md says of each banner.
func TestTheDocumentedLimits(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	doc := strings.Join(strings.Fields(string(text)), " ")
	for _, said := range []string{
		fmt.Sprintf("failed at least %d times within %s", loopSize, span(loopWithin)),
		fmt.Sprintf("the first of these failures is %s old", span(loopAge)),
		fmt.Sprintf("run for %s without a failure", span(loopOver)),
		fmt.Sprintf("at least %d checkpoints failed in a row", failedInARow),
		fmt.Sprintf("longer than %d times the 99th percentile of this job, at least %s", slowFactor, span(slowest)),
		"or half of its timeout",
		fmt.Sprintf("of the target is 0 for %s", span(DownFor)),
		fmt.Sprintf("have run for %s on those that are left", span(accepted)),
		fmt.Sprintf("ran tasks within the last %s", span(lately)),
		fmt.Sprintf("or more than %d records wait", leftover),
		fmt.Sprintf("backpressured for at least %s of the last minute", percent(blocked)),
	} {
		require.Contains(t, doc, said)
	}
	for _, kind := range Kinds() {
		require.Contains(t, doc, "`"+string(kind)+"`")
	}
	require.InDelta(t, float64(timeout), float64(2*slowAfter(snapshot.Job{Checkpoints: &snapshot.Checkpoints{}})), 0)
}
