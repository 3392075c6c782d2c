package plans

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/measure"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
)

// TestTroublesAreProfiledOnlyWhereThatHelps has the plan of each kind.
func TestTroublesAreProfiledOnlyWhereThatHelps(t *testing.T) {
	t.Parallel()
	full := loop.Plan{Profiler: unprofiled{}, Measurer: loop.MeasureFunc((&measure.Measurer{}).Recent), Advisor: noAdvice{}}
	for _, kind := range trouble.Kinds() {
		plan := troublePlan(episode.Alert{Rule: string(kind), Job: "orders", Source: episode.FromTrouble}, full, nil)
		why, declined := noProfile[kind]
		require.NotNil(t, plan.Measurer)
		require.Equal(t, why, plan.Profiler.(unprofiled).why)
		require.Equal(t, kind != trouble.CheckpointsFailing && kind != trouble.CheckpointSlow && kind != trouble.TargetDown,
			declined)
		none := troublePlan(episode.Alert{Rule: string(kind), Source: episode.FromTrouble}, full, nil)
		require.Nil(t, none.Measurer)
		require.Error(t, none.Profiler.(unprofiled).why)
	}
}
