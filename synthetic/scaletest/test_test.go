package scaletest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// inBubble runs a scale test against a planted job.
func inBubble(t *testing.T, b pipelinetest.Behaviour, plan scaletest.Plan, test func(t *testing.T, r scalerun.Test)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, b)
		run, err := scaletest.Open(stack.Options(plan))
		require.NoError(t, err)
		defer run.Close()
		result, err := run.Run(t.Context())
		require.NoError(t, err)
		test(t, result)
	})
}

// every reports whether an index is one of the planted twentieth, with an offset so that
// the planted faults do not meet.
func every(i, offset int) bool { return i%20 == offset }

// Of so many records each planted fault meets so many.
const (
	plantedRecords = 10_000
	plantedFaults  = plantedRecords / 20
)

// TestEveryRecordIsCounted plants 5 % losses, 5 % duplicates and 5 % reordered records.
func TestEveryRecordIsCounted(t *testing.T) {
	behaviour := pipelinetest.Behaviour{Directory: t.TempDir(), Fate: func(i int) pipelinetest.Fate {
		return pipelinetest.Fate{Lost: every(i, 3), Twice: every(i, 8), Behind: every(i, 13)}
	}}
	inBubble(t, behaviour, scaletest.Plan{Records: plantedRecords}, func(t *testing.T, r scalerun.Test) {
		require.Len(t, r.Iterations, 1)
		it := r.Iterations[0]
		require.EqualValues(t, plantedRecords, it.Intended)
		require.EqualValues(t, plantedRecords, it.Sent)
		require.EqualValues(t, plantedFaults, it.Lost)
		require.Len(t, it.Sinks, 4)
		require.EqualValues(t, 4*plantedFaults, it.Duplicates)
		require.EqualValues(t, 3*plantedFaults, it.Reordered) // an index has no order
		for name, sink := range it.Sinks {
			require.EqualValues(t, plantedRecords-plantedFaults, sink.Seen, name)
			require.EqualValues(t, plantedFaults, sink.Lost, name)
			require.EqualValues(t, plantedFaults, sink.Duplicates, name)
		}
		require.Equal(t, scalerun.Void, r.Verdict)
		require.Contains(t, it.Flags, figures.FlagLost)
	})
}

func TestFastAsPossible(t *testing.T) {
	behaviour := pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate { return pipelinetest.Fate{Delay: time.Second} }}
	inBubble(t, behaviour, scaletest.Plan{Records: 500, Iterations: 3}, func(t *testing.T, r scalerun.Test) {
		require.Len(t, r.Iterations, 3)
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		seeds := map[string]bool{}
		for _, it := range r.Iterations {
			seeds[it.Seed] = true
			require.EqualValues(t, 500, it.Sent)
			require.Zero(t, it.Lost)
			require.InDelta(t, 1, *it.ToAllSinksSeconds, 0.1)
			require.InDelta(t, 500, *it.Throughput, 50)
			require.InDelta(t, 1, *it.Sinks["enriched"].Latency.P50, 0.05)
			require.InDelta(t, 1, *it.Sinks["search"].Stamps.P50, 0.02)
		}
		require.Len(t, seeds, 3)
	})
}

// TestRecordsAreChosen has a job with 40 records/s. The first 1000 records last 25 s, less
// than 30 refresh intervals of a second, so that the iterations get 1000 · 1.3 · 30 / 25 =
// 1560 records or slightly fewer.
func TestRecordsAreChosen(t *testing.T) {
	inBubble(t, pipelinetest.Behaviour{Limit: 40}, scaletest.Plan{Iterations: 1}, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Len(t, r.Iterations, 1) // those that chose the number are not kept
		for _, it := range r.Iterations {
			require.InDelta(t, 1560, it.Intended, 20)
			require.Empty(t, it.Flags)
			require.InDelta(t, 40, *it.Throughput, 1)
		}
		require.InDelta(t, 40, *r.Throughput.Value, 1)
	})
}

// TestChosenRecordsGrowWithTheJob has a job that is slow at first. The iterations after that
// are too short, do not count, and are repeated with more records.
func TestChosenRecordsGrowWithTheJob(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests take the same path under the race detector")
	}
	slow := pipelinetest.Behaviour{Limit: 20, LimitFor: 1000, LaterLimit: 50}
	inBubble(t, slow, scaletest.Plan{Iterations: 2}, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		require.Len(t, r.Iterations, 3)
		require.EqualValues(t, 1000, r.Iterations[0].Intended)
		require.Equal(t, []string{figures.FlagShort}, r.Iterations[0].Flags)
		require.InDelta(t, 1950, r.Iterations[1].Intended, 30) // 1000 · 1.3 · 30 / 20
		require.Empty(t, r.Iterations[2].Flags)
	})
}

func TestTooManyRecordsAreNotSent(t *testing.T) {
	plan := scaletest.Plan{Iterations: 2, MaxRecords: 3000}
	inBubble(t, pipelinetest.Behaviour{Limit: 40}, plan, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.Aborted, r.Verdict)
		require.Contains(t, r.Reason, "more than --max-records=3000")
		require.Empty(t, r.Iterations)
	})
}
