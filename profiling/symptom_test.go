package profiling

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

func TestModesOfASymptom(t *testing.T) {
	every := []flame.Mode{flame.CPU, flame.Lock, flame.ITIMER, flame.Wall, flame.Alloc}
	require.Equal(t, []flame.Mode{flame.ITIMER}, Working.Modes(every))
	require.Equal(t, []flame.Mode{flame.Alloc, flame.ITIMER}, Memory.Modes(every))
	require.Equal(t, []flame.Mode{flame.Wall, flame.Lock}, Waiting.Modes(every))

	for _, s := range []Symptom{Working, Memory, Waiting} {
		require.Equal(t, []flame.Mode{flame.ITIMER}, s.Modes([]flame.Mode{flame.ITIMER}), s)
	}
	require.Equal(t, []flame.Mode{flame.CPU}, Working.Modes([]flame.Mode{flame.Alloc, flame.CPU}),
		"which samples the same")
	require.Equal(t, []flame.Mode{flame.Alloc, flame.CPU}, Memory.Modes([]flame.Mode{flame.CPU, flame.Alloc}))
	require.Equal(t, []flame.Mode{flame.Lock}, Waiting.Modes([]flame.Mode{flame.ITIMER, flame.Lock}))
	require.Equal(t, []flame.Mode{flame.Lock}, Memory.Modes([]flame.Mode{flame.Lock, flame.Wall}),
		"nothing fits: the first that is allowed")
	require.Empty(t, Working.Modes(nil))
}

func TestInsteadOf(t *testing.T) {
	other, ok := insteadOf(flame.CPU, &profiler.Error{Outcome: profiler.PerfDenied})
	require.True(t, ok)
	require.Equal(t, flame.ITIMER, other)
	_, ok = insteadOf(flame.CPU, &profiler.Error{Outcome: profiler.Failed})
	require.False(t, ok)
	_, ok = insteadOf(flame.Alloc, &profiler.Error{Outcome: profiler.PerfDenied})
	require.False(t, ok)
}
