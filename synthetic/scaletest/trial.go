package scaletest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
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
)

// lengthen reports whether a trial was too short: the interval of its slope is wider than the growth
// that decides. The next trials are then long enough, as far as this one tells.
func (t *Test) lengthen(trial *episode.ScaleTrial) bool {
	if t.plan.Records > 0 || trial.Verdict != episode.Undecided || trial.Growth == nil ||
		slices.Contains(trial.Flags, FlagRestarted) {
		return false
	}
	wide := (*trial.GrowthHigh - *trial.GrowthLow) / 2 / (growthShare * trial.Rate)
	if wide <= 1 || trial.Seconds >= longestTrial.Seconds() {
		return false
	}
	longer := math.Pow(wide/shareOfLimit, 1/noiseExponent)
	longer = min(max(longer, atLeastLonger), atMostLonger)
	t.trialSeconds = min(trial.Seconds*longer, longestTrial.Seconds())
	trial.Reason += fmt.Sprintf("; %.0f s were too short, so the rate is tried again for %.0f s", trial.Seconds, t.trialSeconds)
	return true
}

// trial sends at a rate for some time and judges the backlog.
func (t *Test) trial(
	ctx context.Context, result *episode.ScaleTest, rate float64,
) (trial episode.ScaleTrial, r *round, err error) {
	length := max(t.trialSeconds, longEnough(t.refresh()).Seconds())
	if t.plan.Records > 0 {
		length = float64(t.plan.Records) / rate
	}
	n := min(maxRecords, max(1, int(math.Ceil(rate*length))))
	scratch := *result
	scratch.Iterations = nil
	keep, quiet := t.keep, t.quiet
	t.keep, t.quiet = nil, true
	r, err = t.measureRound(ctx, &scratch, &round{n: n, rate: rate, shape: Steady, trial: true})
	t.keep, t.quiet = keep, quiet
	result.Warnings = scratch.Warnings
	if err != nil {
		return trial, r, err
	}
	if r.aborted {
		return trial, r, errInterrupted
	}
	return judge(rate, r.backlog, r.ledger.heldUp, scratch.Iterations[0]), r, nil
}
