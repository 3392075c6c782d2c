package trouble

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

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
	doc := documenttest.Text(t, "../../docs/operations.md")
	for _, said := range []string{
		fmt.Sprintf("failed at least %d times within %s", loopSize, plaintext.Span(loopWithin)),
		fmt.Sprintf("the first of these failures is %s old", plaintext.Span(loopAge)),
		fmt.Sprintf("run for %s without a failure", plaintext.Span(loopOver)),
		fmt.Sprintf("at least %d checkpoints failed in a row", failedInARow),
		fmt.Sprintf("longer than %d times the 99th percentile of this job, at least %s", slowFactor, plaintext.Span(slowest)),
		"or half of its timeout",
		fmt.Sprintf("of the target is 0 for %s", plaintext.Span(DownFor)),
		fmt.Sprintf("have run for %s on those that are left", plaintext.Span(accepted)),
		fmt.Sprintf("ran tasks within the last %s", plaintext.Span(lately)),
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
