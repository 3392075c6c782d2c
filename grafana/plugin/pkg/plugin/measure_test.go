package plugin

import (
	"encoding/json"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// repeated is how often each time is measured.
const repeated = 15

// times are processor times of this process, which has the plugin, the API and the history in it,
// and times by the clock, in milliseconds.
type times struct{ Computed, Passed []float64 }

// allTime has the moments of all episodes of a test.
var allTime = backend.TimeRange{From: start.Add(-time.Hour), To: start.Add(24 * time.Hour)}

// TestMeasure measures the times in README.md; make plugin-figures runs it.
func TestMeasure(t *testing.T) {
	file := os.Getenv("FIGURES")
	if file == "" {
		t.Skip("FIGURES names no file for the times")
	}
	const episodes = 5000 // two findings each
	w := newWorld(t)
	w.many(t, episodes)
	tree := large(largeFrames)
	text, err := json.Marshal(map[string]times{
		"findings": measured(t, func() {
			answer := w.askOver(t, "findings", map[string]any{"limit": 2 * episodes}, allTime)
			require.NoError(t, answer.Error)
			require.Equal(t, 2*episodes, answer.Frames[0].Rows())
		}),
		"frame": measured(t, func() {
			f := nested(tree.NestedSet(2 * largeFrames))
			require.Greater(t, f.Rows(), largeFrames)
			_, err := f.MarshalArrow()
			require.NoError(t, err)
		}),
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

func measured(t *testing.T, do func()) (all times) {
	t.Helper()
	for range repeated {
		computed, begun := processorTime(t), time.Now()
		do()
		all.Passed = append(all.Passed, milliseconds(time.Since(begun)))
		all.Computed = append(all.Computed, milliseconds(processorTime(t)-computed))
	}
	return all
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
