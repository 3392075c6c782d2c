package scaletest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

const plantedLimit = 17.0 // records per second

// TestSustainableRateIsFound searches five times for a planted limit: each answer is
// within 10 % of it after at most eight trials, and all are within 5 % of their mean.
func TestSustainableRateIsFound(t *testing.T) {
	var rates []float64
	sum := 0.0
	for range 5 {
		plan := scaletest.Plan{FindSustainable: true, Records: 160}
		inBubble(t, pipelinetest.Behaviour{Limit: plantedLimit}, plan, func(t *testing.T, r episode.ScaleTest) {
			found := r.Sustainable
			require.Equal(t, episode.Sustained, found.Verdict, found.Reason)
			require.LessOrEqual(t, len(found.Trials), 8)
			require.InDelta(t, plantedLimit, *found.Rate, 0.1*plantedLimit)
			require.Equal(t, episode.ScaleOK, r.Verdict)
			rates = append(rates, *found.Rate)
			sum += *found.Rate
		})
	}
	for _, rate := range rates {
		require.InDelta(t, sum/5, rate, 0.05*sum/5)
	}
}

// TestSlowGeneratorIsNotTheLimit throttles the generator below the limit of the job.
func TestSlowGeneratorIsNotTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Limit: plantedLimit})
		options, shown := stack.Options(scaletest.Plan{FindSustainable: true, Rate: 10, Records: 160}), 0
		options.Show = func(p scaletest.Progress) {
			if p.Trial != nil {
				shown++
			}
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		run.Throttle(12)
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, episode.GeneratorLimited, r.Sustainable.Verdict)
		require.LessOrEqual(t, *r.Sustainable.Rate, 12.5)
		require.Len(t, r.Sustainable.Trials, shown)
	})
}

// TestUnsentRecordsMakeATestVoid asks for a rate that the generator does not reach.
func TestUnsentRecordsMakeATestVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		run, err := scaletest.Open(stack.Options(scaletest.Plan{Rate: 200, Records: 2000}))
		require.NoError(t, err)
		defer run.Close()
		run.Throttle(100)
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		it := r.Iterations[0]
		require.Equal(t, episode.ScaleVoid, r.Verdict)
		require.Contains(t, r.Reason, "not sent as planned")
		require.Equal(t, it.Intended, it.Sent+it.NotSent+it.ProduceFailed)
		require.InDelta(t, 900, it.NotSent, 20) // ten seconds and the grace of one, at 100/s
		require.InDelta(t, 5.5, *it.PublishDelay.Max, 0.2)
	})
}

// TestInterruptedTestCleansUp ends a test in its middle, as Ctrl-C does.
func TestInterruptedTestCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate {
			return pipelinetest.Fate{Delay: time.Second}
		}})
		ctx, stop := contextFor(t, 3*time.Second)
		defer stop()
		var kept []episode.ScaleTest
		options := stack.Options(scaletest.Plan{Rate: 100, Records: 1000, Iterations: 2})
		options.Keep = keeper(&kept)
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(ctx)
		require.NoError(t, err)
		require.Equal(t, episode.ScaleAborted, r.Verdict)
		require.Equal(t, "ended before its last iteration", r.Reason)
		require.Len(t, r.Iterations, 1)
		it := r.Iterations[0]
		require.InDelta(t, 300, it.Sent, 3)
		require.Equal(t, it.Sent, it.Sinks["search"].Seen) // it waited for what was under way
		require.Zero(t, it.Lost)
		require.Empty(t, stack.Elastic.IDs())
		require.Equal(t, episode.ScaleAborted, kept[len(kept)-1].Verdict)
	})
}
