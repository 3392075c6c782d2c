package limit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
)

// searched is what a search finds in a job with a limit, without noise.
func searched(start, step, most float64) scalerun.Sustainable {
	b, found := limit.New(start, step), scalerun.Sustainable{}
	for len(found.Trials) < limit.MaxTrials && !b.Done() {
		trial := scalerun.Trial{Rate: b.Next(), Verdict: scalerun.Sustained}
		if growth := b.Next() - most; growth > limit.GrowthShare*b.Next() {
			trial.Verdict, trial.Growth = scalerun.NotSustained, &growth
		}
		found.Trials = append(found.Trials, trial)
		b.Take(trial)
		b.Conclude(&found)
	}
	return found
}

// judge judges a trial at 100 records per second with a backlog that does not grow.
func judge(heldUp time.Duration, it scalerun.Iteration) scalerun.Trial {
	var backlog []limit.Sample
	for i := range 100 {
		backlog = append(backlog, limit.Sample{At: float64(i) / 10, Records: 5 + float64(i%2)})
	}
	return limit.Judge(100, backlog, limit.Wait{For: heldUp, Records: 50_000}, it)
}

// offer is what a search does after trials: the rate that it tries next.
func offer(trials ...scalerun.Trial) float64 {
	b := limit.New(trials[0].Rate, limit.NearStep)
	for _, trial := range trials {
		b.Take(trial)
	}
	return b.Next()
}

// TestASearchEndsBesideTheLimit has rates far below the limit, just below it, and above it.
func TestASearchEndsBesideTheLimit(t *testing.T) {
	const most = 100
	for _, tc := range []struct{ start, step float64 }{
		{10, limit.FarStep},
		{30, limit.FarStep},
		{95, limit.NearStep},
		{98, limit.NearStep},
		{250, limit.FarStep},
		{99, limit.FarStep},
	} {
		found := searched(tc.start, tc.step, most)
		require.Equal(t, scalerun.Sustained, found.Verdict, "%v: %s", tc, found.Reason)
		require.LessOrEqual(t, *found.NextRate / *found.Rate, 1.04, "%v", tc)
		require.InDelta(t, most, *found.Rate, 4, "%v", tc)
		require.LessOrEqual(t, len(found.Trials), limit.MaxTrials, "%v", tc)
	}
	far := searched(0.1, limit.FarStep, most)
	require.Equal(t, scalerun.Undecided, far.Verdict)
	require.Contains(t, far.Reason, "the limit is higher")
	require.Nil(t, far.NextRate)
}

// TestTrialsThatSayNothingOfTheRate: a restart is no growing backlog, and a lost record is not
// sustained.
func TestTrialsThatSayNothingOfTheRate(t *testing.T) {
	good := scalerun.Iteration{Intended: 1000, Sent: 1000}
	require.Equal(t, scalerun.Sustained, judge(0, good).Verdict)

	restarted := good
	restarted.Flags, restarted.Lost = []string{figures.FlagRestarted}, 3
	trial := judge(0, restarted)
	require.Equal(t, scalerun.Undecided, trial.Verdict)
	require.Contains(t, trial.Reason, "the job restarted")
	require.InDelta(t, 100, offer(trial), 0, "the rate is tried again")

	lost := good
	lost.Lost = 3
	trial = judge(0, lost)
	require.Equal(t, scalerun.NotSustained, trial.Verdict)
	require.Equal(t, "3 of 1000 records did not reach every sink", trial.Reason)
	require.EqualValues(t, 3, trial.Lost)
	require.Less(t, offer(trial), 100.0)
}

// TestSlowBrokersAreNotThisMachine tells who is slow if a schedule is not kept.
func TestSlowBrokersAreNotThisMachine(t *testing.T) {
	unsent := scalerun.Iteration{Intended: 1000, Sent: 900, NotSent: 100}
	require.Contains(t, judge(0, unsent).Reason, "run the test on a faster machine")
	slow := judge(5*time.Second, unsent)
	require.Equal(t, scalerun.GeneratorLimited, slow.Verdict)
	require.Contains(t, slow.Reason, "for 5.0 s the brokers had 50000 records to answer (look at the brokers)")
	require.NotContains(t, slow.Reason, "machine")
}
