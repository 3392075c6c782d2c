package scaletest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// profiledTest runs a test whose profiles take ten seconds, or fail.
func profiledTest(t *testing.T, plan scaletest.Plan, fails error, test func(scalerun.Test)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Limit: 50})
		options := stack.Options(plan)
		options.Profiles = &scaletest.Profiles{Span: 12 * time.Second, Take: func(
			ctx context.Context, test string,
		) (scalerun.Profiled, error) {
			require.NotEmpty(t, test)
			if fails != nil {
				return scalerun.Profiled{}, fails
			}
			_ = wait.For(ctx, 10*time.Second)
			return scalerun.Profiled{Episode: "e", Profiles: []string{"p"}, Modes: plan.Modes}, nil
		}}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		result, err := run.Run(t.Context())
		require.NoError(t, err)
		test(result)
	})
}

func TestProfilesHaveAnIterationOfTheirOwn(t *testing.T) {
	plan := scaletest.Plan{Records: 1600, Iterations: 2, Modes: []string{"ITIMER"}}
	profiledTest(t, plan, nil, func(r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Empty(t, r.Warnings)
		require.Len(t, r.Iterations, 3)
		require.Empty(t, r.Iterations[1].Flags)
		require.Contains(t, r.Iterations[2].Flags, figures.FlagProfiled)
		require.Equal(t, 3, r.Profiled.Iteration)
		require.False(t, r.Profiled.Measured)
		require.InDelta(t, 0, *r.Profiled.Cost, 0.05)
		require.InDelta(t, 50, *r.Throughput.Value, 1)
	})
}

func TestProfilesDuringAMeasuredIteration(t *testing.T) {
	plan := scaletest.Plan{Records: 1600, Iterations: 2, Modes: []string{"ITIMER"}, ProfileDuring: true}
	profiledTest(t, plan, nil, func(r scalerun.Test) {
		require.Len(t, r.Iterations, 2)
		require.Empty(t, r.Iterations[1].Flags, "it counts")
		require.True(t, r.Profiled.Measured)
		require.NotNil(t, r.Profiled.Cost)
	})
	plan.Records, plan.Iterations = 100, 1
	profiledTest(t, plan, nil, func(r scalerun.Test) {
		require.Contains(t, r.Warnings[0], "so a part of them shows a job without load")
	})
}

func TestATestWithoutItsProfilesIsStillATest(t *testing.T) {
	plan := scaletest.Plan{Records: 100, Iterations: 1, Rate: 50, Modes: []string{"ITIMER"}}
	profiledTest(t, plan, errors.New("none was taken"), func(r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Nil(t, r.Profiled)
		require.Contains(t, r.Warnings, "profiles: none was taken")
	})
	plan.MaxRecords = 150
	profiledTest(t, plan, nil, func(r scalerun.Test) {
		require.Len(t, r.Iterations, 1)
		require.Contains(t, strings.Join(r.Warnings, "\n"), "more than --max-records=150")
	})
}
