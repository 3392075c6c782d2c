package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// TestMarkdownOfADiff: changed and vanished frames, the worst first, and names from outside.
func TestMarkdownOfADiff(t *testing.T) {
	frames := []flame.Change{
		{Name: "a|b`c`", Self: flame.Shift{BasePercent: 10, NewPercent: 30, Points: 20, Low: 15, High: 25, Verdict: flame.Grown}},
		{Name: "old", Self: flame.Shift{BasePercent: 5, Points: -5, Low: -6, High: -4, Verdict: flame.Gone}},
		{Name: "same", Self: flame.Shift{Verdict: flame.Unchanged}, Total: flame.Shift{Verdict: flame.Grown}},
	}
	var out bytes.Buffer
	side := DiffSide{Total: 1000, Idle: 100}
	require.NoError(t, DiffText{W: &out, Diff: Diff{Base: side, New: side, Frames: frames}}.Markdown())
	require.Contains(t, out.String(), "| `a\\|b'c'` | 10.00 % | 30.00 % | +20.00 | 15.00 to 25.00 | grown |\n| `old` |")
	require.Contains(t, out.String(), "| -5.00 | -6.00 to -4.00 | gone |")
	require.NotContains(t, out.String(), "same")
	require.Contains(t, out.String(), "Profiles of 900 and 900 samples")

	out.Reset()
	side.Total = 1_000_000
	require.NoError(t, DiffText{W: &out, Diff: Diff{Base: side, New: side, Frames: frames[2:]}}.Markdown())
	require.Contains(t, out.String(), "None of 1 frames")
	require.NotContains(t, out.String(), "Profiles of")
	for range 20 {
		frames = append(frames, frames[0])
	}
	out.Reset()
	require.NoError(t, DiffText{W: &out, Diff: Diff{Frames: frames}}.Markdown())
	require.Equal(t, 10, strings.Count(out.String(), "\n| `"))
	require.Contains(t, out.String(), "And 12 more.")
}
