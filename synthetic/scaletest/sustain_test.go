package scaletest_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

const (
	plantedLimit = 17.0 // records per second
	// Of five searches each is right within a share of the limit, and all within a share of their mean.
	searchExact  = 0.1
	searchSpread = 0.05
)

// TestSustainableRateIsFound searches five times for a planted limit, of a job whose records take
// up to a fifth more or less than their time: each answer is within 10 % of the limit after at most eight trials, and all are within 5 % of their mean.
func TestSustainableRateIsFound(t *testing.T) {
	var rates []float64
	sum := 0.0
	for seed := range uint64(5) {
		plan := scaletest.Plan{FindSustainable: true, Records: 240}
		behaviour := pipelinetest.Behaviour{Limit: plantedLimit, Jitter: 0.2, Seed: seed}
		inBubble(t, behaviour, plan, func(t *testing.T, r scalerun.Test) {
			found := r.Sustainable
			require.Equal(t, scalerun.Sustained, found.Verdict, found.Reason)
			require.LessOrEqual(t, len(found.Trials), 8)
			require.InDelta(t, plantedLimit, *found.Rate, searchExact*plantedLimit)
			require.Equal(t, scalerun.OK, r.Verdict)
			rates = append(rates, *found.Rate)
			sum += *found.Rate
		})
	}
	for _, rate := range rates {
		require.InDelta(t, sum/5, rate, searchSpread*sum/5)
	}
}

// TestBurstsMakeTrialsLonger has a job whose transactions end each two seconds: a trial of the usual
// length sees two teeth of the saw.
func TestBurstsMakeTrialsLonger(t *testing.T) {
	const limit = 20
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Limit: limit, Commits: 2 * time.Second})
		stack.Elastic.Set(func(s *elasticsearchtest.Server) { s.RefreshInterval = "200ms" })
		run, err := scaletest.Open(stack.Options(scaletest.Plan{FindSustainable: true, Rate: 15}))
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		found := r.Sustainable
		require.Equal(t, scalerun.Sustained, found.Verdict, found.Reason)
		require.InDelta(t, limit, *found.Rate, searchExact*limit)
		short := found.Trials[0]
		require.Equal(t, scalerun.Undecided, short.Verdict)
		require.Contains(t, short.Reason, "were too short, so the rate is tried again")
		require.InDelta(t, short.Rate, found.Trials[1].Rate, 0)
		require.Greater(t, found.Trials[1].Seconds, 1.4*short.Seconds)
		require.LessOrEqual(t, len(found.Trials), 8+3)
	})
}

// TestTrialsDoNotGrowForEver: where the line is never certain, a trial lasts five minutes, or as long
// as --max-records allows for some more.
func TestTrialsDoNotGrowForEver(t *testing.T) {
	for most, longest := range map[int]float64{1_000_000: 300, 10_000: 25} {
		lengths := scaletest.Lengths(100, 1000, most)
		require.NotEmpty(t, lengths)
		require.LessOrEqual(t, len(lengths), 10)
		require.True(t, slices.IsSorted(lengths))
		require.InDelta(t, longest, lengths[len(lengths)-1], 0.1)
	}
	require.Empty(t, scaletest.Lengths(100, 1, 1_000_000), "it is certain enough")
}

// TestMaxRecordsEndsASearch: what was found until then stays.
func TestMaxRecordsEndsASearch(t *testing.T) {
	plan := scaletest.Plan{FindSustainable: true, Rate: 10, Records: 160, MaxRecords: 400}
	inBubble(t, pipelinetest.Behaviour{Limit: plantedLimit}, plan, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Len(t, r.Sustainable.Trials, 2)
		require.InDelta(t, 10, *r.Sustainable.Rate, 0)
		require.InDelta(t, 20, *r.Sustainable.NextRate, 0)
		require.Contains(t, r.Sustainable.Reason, "--max-records=400 ended the search")
	})
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
		require.Equal(t, scalerun.GeneratorLimited, r.Sustainable.Verdict)
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
		require.Equal(t, scalerun.Void, r.Verdict)
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
		var kept []scalerun.Test
		options := stack.Options(scaletest.Plan{Rate: 100, Records: 1000, Iterations: 2})
		options.Keep = keeper(&kept)
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(ctx)
		require.NoError(t, err)
		require.Equal(t, scalerun.Aborted, r.Verdict)
		require.Equal(t, "ended before its last iteration", r.Reason)
		require.Len(t, r.Iterations, 1)
		it := r.Iterations[0]
		require.InDelta(t, 300, it.Sent, 3)
		require.Equal(t, it.Sent, it.Sinks["search"].Seen) // it waited for what was under way
		require.Zero(t, it.Lost)
		require.Empty(t, stack.Elastic.IDs())
		require.Equal(t, scalerun.Aborted, kept[len(kept)-1].Verdict)
	})
}

// TestAJobThatLosesRecordsSustainsNoRate loses one record in a hundred, so that the backlog grows
// by less than 2 % of any rate.
func TestAJobThatLosesRecordsSustainsNoRate(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests take the same path under the race detector")
	}
	lossy := pipelinetest.Behaviour{Limit: plantedLimit, Fate: func(i int) pipelinetest.Fate {
		return pipelinetest.Fate{Lost: i%100 == 50}
	}}
	plan := scaletest.Plan{FindSustainable: true, Rate: 10, Records: 160}
	inBubble(t, lossy, plan, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.NotSustained, r.Sustainable.Verdict)
		require.Nil(t, r.Sustainable.Rate)
		require.Equal(t, scalerun.Void, r.Verdict)
		require.Contains(t, r.Reason, "did not reach every sink, and no rate was sustained")
		require.Contains(t, r.Sustainable.Reason, "records were lost at every rate")
	})
}

// TestProgressSaysWhatATrialIsFor: only the calibration finds the number of records.
func TestProgressSaysWhatATrialIsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Limit: plantedLimit})
		options, doing := stack.Options(scaletest.Plan{FindSustainable: true, Records: 160}), map[string]bool{}
		options.Show = func(p scaletest.Progress) { doing[p.Doing] = true }
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.Contains(t, doing, "finding the number of records")
		for _, trial := range r.Sustainable.Trials {
			require.Contains(t, doing, fmt.Sprintf("finding the sustainable rate: a trial at %.0f records/s", trial.Rate))
		}
	})
}

// TestRepeatedSearchesShowTheirSpread: the rate is the median of three searches.
func TestRepeatedSearchesShowTheirSpread(t *testing.T) {
	plan := scaletest.Plan{FindSustainable: true, Records: 160, Repeat: 3}
	inBubble(t, pipelinetest.Behaviour{Limit: plantedLimit}, plan, func(t *testing.T, r scalerun.Test) {
		found := r.Sustainable
		require.Equal(t, scalerun.Sustained, found.Verdict, found.Reason)
		require.Len(t, found.Repeats, 3)
		sorted := slices.Sorted(slices.Values(found.Repeats))
		require.InDelta(t, sorted[1], *found.Rate, 0)
		require.Greater(t, *found.NextRate, *found.Rate)
		require.Contains(t, found.Reason, "3 of 3 searches found")
		for _, rate := range found.Repeats {
			require.InDelta(t, plantedLimit, rate, searchExact*plantedLimit)
		}
	})
}
