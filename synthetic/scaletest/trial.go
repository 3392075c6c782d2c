package scaletest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// A job whose sink writes in bursts, at checkpoints or in bulks, has a backlog like a saw. A trial
// must have many of its teeth. How many seconds that is, the first trials tell.
const (
	longestTrial = 5 * time.Minute
	// shareOfLimit is how wide half of the slope's interval may be, as a share of the growth that
	// decides: with less, only rates close to the limit stay undecided.
	shareOfLimit = 0.5
	// noiseExponent is that of the length with which the error of a slope falls, where samples come at
	// equal distances.
	noiseExponent = 1.5
	atLeastLonger = 1.5
	atMostLonger  = 8
	worthIt       = 1.2 // a trial that would be less than so much longer says no more
	trialsLeft    = 4   // trials of the new length that --max-records must still allow
)

// lengthen reports whether a trial was too short: the interval of its slope is wider than the growth
// that decides. The next trials are then long enough, as far as this one tells.
func (t *Test) lengthen(trial *scalerun.Trial) bool {
	if t.plan.Records > 0 || trial.Verdict != scalerun.Undecided || trial.Growth == nil ||
		slices.Contains(trial.Flags, figures.FlagRestarted) {
		return false
	}
	wide := (*trial.GrowthHigh - *trial.GrowthLow) / 2 / (limit.GrowthShare * trial.Rate)
	if wide <= 1 {
		return false
	}
	planned := t.trialLength(trial.Rate)
	longer := min(max(math.Pow(wide/shareOfLimit, 1/noiseExponent), atLeastLonger), atMostLonger)
	next := min(planned*longer, t.longestTrial(trial.Rate))
	if next < planned*worthIt {
		return false
	}
	t.trialSeconds = next
	trial.Reason += fmt.Sprintf("; %.0f s were too short, so the rate is tried again for %.0f s", planned, next)
	return true
}

// trialLength is how many seconds a trial of a rate lasts.
func (t *Test) trialLength(rate float64) float64 {
	if t.plan.Records > 0 {
		return float64(t.plan.Records) / rate
	}
	return min(max(t.trialSeconds, longEnough(t.refresh()).Seconds()), maxRecords/rate)
}

// longestTrial is how many seconds a trial of a rate may last: it leaves some records for the others.
func (t *Test) longestTrial(rate float64) float64 {
	return min(longestTrial.Seconds(), maxRecords/rate, float64(t.plan.limit()-t.sent)/trialsLeft/rate)
}

// trial sends at a rate for some time and judges the backlog.
func (t *Test) trial(
	ctx context.Context, result *scalerun.Test, rate float64,
) (trial scalerun.Trial, r *round, err error) {
	n := min(maxRecords, max(1, int(math.Ceil(rate*t.trialLength(rate)))))
	scratch := *result
	scratch.Iterations = nil
	keep, quiet := t.keep, t.quiet
	t.keep, t.quiet = nil, true
	r, err = t.measureRound(ctx, &scratch, &round{n: n, rate: rate, shape: load.Steady, trial: true})
	t.keep, t.quiet = keep, quiet
	result.Warnings = scratch.Warnings
	if err != nil {
		return trial, r, err
	}
	if r.aborted {
		return trial, r, errInterrupted
	}
	held := limit.Wait{For: r.ledger.heldUp, Records: maxUnanswered}
	return limit.Judge(rate, r.backlog, held, scratch.Iterations[0]), r, nil
}
