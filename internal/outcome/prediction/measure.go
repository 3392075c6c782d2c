package prediction

import (
	"fmt"
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	// MinBlocks is how many blocks each side needs.
	MinBlocks = production.MinBlocks
	// MaxBlocks is how many blocks a side has at most: after them the outcome is final. A
	// first decision comes at MinBlocks. To look again and again until a result is there
	// would find one by chance.
	MaxBlocks = production.MaxBlocks
	// alpha is the error of an interval, power the chance to find a change of the detectable
	// size.
	alpha = 0.05
	power = 0.8
)

// Data is what a change is measured with.
type Data struct {
	Job episode.JobRef
	// Measurements are standing ones, in any order; ScaleTests any of the job.
	Measurements []episode.Measurement
	ScaleTests   []scalerun.Test
	// Block is the length of a block.
	Block time.Duration
	Now   time.Time
}

// Reach is how far before and after a change blocks are looked for: a week of half hours, so
// that there are some at the same load.
func Reach(block time.Duration) time.Duration { return 7 * MaxBlocks * block }

// outcomeOf is the outcome of a finding without a result.
func outcomeOf(f episode.Finding, c Change, now time.Time) episode.Outcome {
	o := episode.Outcome{
		Finding: f.ID, At: now, Category: f.Category, Source: f.Source, By: c.By, Before: c.Before, After: c.After,
		Changed: c.At,
	}
	if f.Impact != nil {
		o.PredictedLow, o.PredictedHigh = new(f.Impact.LowPercent), new(f.Impact.HighPercent)
	}
	return o
}

// CountedWith is the final outcome of a finding whose change counts for another finding with the same
// advice: one change is one success, or none.
func CountedWith(finding string, f episode.Finding, c Change, now time.Time) episode.Outcome {
	o := outcomeOf(f, c, now)
	o.Result, o.Final = episode.Unattributed, true
	o.Reason = "the change is counted with finding " + finding + ", which gives the same advice"
	return o
}

// Measure returns the outcome of a finding after its change. It is not final while further
// data may change it.
func Measure(f episode.Finding, c Change, d Data) episode.Outcome {
	o := outcomeOf(f, c, d.Now)
	over := !c.Until.IsZero() && c.Until.Before(d.Now)
	switch {
	case c.Several:
		o.Result, o.Final = episode.Unattributed, true
		o.Reason = "more changed at the same time (change one thing at a time)"
	case f.Impact == nil:
		o.Result, o.Final = episode.Unmeasurable, true
		o.Reason = "the finding predicts no interval"
	}
	switch {
	case o.Result != "":
	case goesOn(c, d):
		o.Result, o.Unit = episode.Unmeasurable, episode.UnitDeployment
		o.Reason = "the scale tests of both epochs go on"
	default:
		bySides(&o, c, d, over)
	}
	if use := c.Earlier.String(); use != "" {
		o.Reason = joined(o.Reason, use)
	}
	return o
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

const (
	// settled is how long the scale tests of both epochs must rest before they are compared: longer
	// than a series waits for its next deployment. To decide after each pair would end the series at
	// the first result.
	settled = scalerun.DeployWithin + 30*time.Minute
	// seriesWithin bounds how long after a change its scale tests are waited for.
	seriesWithin = 24 * time.Hour
)

// goesOn reports whether scale tests of both epochs may have further deployments.
func goesOn(c Change, d Data) bool {
	last := outcome.LastOfBoth(d.ScaleTests, d.Job, c.Before, c.After)
	return !last.IsZero() && d.Now.Sub(last) < settled && d.Now.Sub(c.At) < seriesWithin
}

// bySides compares deployments of scale tests, and blocks of production where those say nothing.
func bySides(o *episode.Outcome, c Change, d Data, over bool) {
	blocks := *o
	byDeployments(o, d)
	if o.Result != "" && o.Result != episode.Unmeasurable {
		return
	}
	byBlocks(&blocks, c, d, over)
	if o.Result == "" || blocks.Result != episode.Unmeasurable {
		*o = blocks
		return
	}
	o.Final = blocks.Final // further blocks may still say more than the deployments did
}

// byDeployments compares the deployments of scale tests, if both epochs have enough of them
// in one run.
func byDeployments(o *episode.Outcome, d Data) {
	change, units, ok := outcome.BetweenEpochs(d.ScaleTests, d.Job, o.Before, o.After)
	if !ok {
		return
	}
	o.Unit, o.UnitsBefore, o.UnitsAfter = episode.UnitDeployment, units[0], units[1]
	decide(o, change)
	o.Final = true
}

// byBlocks compares blocks of production.
func byBlocks(o *episode.Outcome, c Change, d Data, over bool) {
	o.Unit = episode.UnitBlock
	before, after, backlog := blocksOf(c, d)
	o.UnitsBefore, o.UnitsAfter = len(before), len(after)
	complete := len(after) == MaxBlocks || over
	switch {
	case len(after) < MinBlocks && backlog != production.BacklogDrained:
		o.Result, o.Reason, o.Final = episode.Unmeasurable, undrained(backlog), over
	case len(before) < MinBlocks && len(after) >= MinBlocks:
		o.Result, o.Final = episode.Unmeasurable, true
		o.Reason = fmt.Sprintf("there are %d blocks at this load before the change, fewer than %d", len(before), MinBlocks)
	case len(after) < MinBlocks:
		o.Result, o.Final = episode.Unmeasurable, over
		o.Reason = fmt.Sprintf("there are %d blocks at one load after the change, fewer than %d", len(after), MinBlocks)
	case production.Idle(before) || production.Idle(after):
		o.Result, o.Final = episode.Unmeasurable, complete
		o.Reason = production.WhyIdle()
	case complete:
		compareBlocks(o, before, after)
		o.Final = true
	default:
		compareBlocks(o, before, after[:MinBlocks])
		o.Final = o.Result != episode.Unmeasurable
	}
}

// blocksOf are the blocks of both sides at about the same load, at most [MaxBlocks] each, and what is
// known of the backlog after the change. Where the sources told it before the change, they must tell it
// afterwards too: a source that is held back is silent.
func blocksOf(c Change, d Data) (before, after []production.Block, backlog production.Backlog) {
	start := c.At.Add(-Reach(d.Block))
	before, known := production.Blocks(d.Job, c.Before, upTo(d.Measurements, c.At, time.Time{}), start, d.Block)
	after, backlog = production.Blocks(d.Job, c.After, upTo(d.Measurements, d.Now, c.Until), c.At, d.Block)
	switch {
	case backlog != production.BacklogUnknown:
	case known != production.BacklogUnknown:
		after = nil
	default:
		backlog = production.BacklogDrained // the sources never say it
	}
	before, after = production.Alike(before, after), production.Alike(after, after)
	return before[max(0, len(before)-MaxBlocks):], after[:min(len(after), MaxBlocks)], backlog
}

// undrained says why no block counts.
func undrained(backlog production.Backlog) string {
	if backlog == production.BacklogUnknown {
		return "the sources do not say any more how much input waits"
	}
	return "the backlog was never drained"
}

// upTo are the measurements that end before both moments; a zero moment is no bound.
func upTo(ms []episode.Measurement, end, until time.Time) (out []episode.Measurement) {
	if !until.IsZero() && until.Before(end) {
		end = until
	}
	for _, m := range ms {
		if !m.Ended.After(end) {
			out = append(out, m)
		}
	}
	return out
}

// compareBlocks compares the blocks of both sides with the prediction. Successive ones may be alike.
func compareBlocks(o *episode.Outcome, before, after []production.Block) {
	o.UnitsBefore, o.UnitsAfter = len(before), len(after)
	d, ok := stat.WelchSuccessive(production.Values(before), production.Values(after), alpha)
	if !ok {
		o.Result, o.Reason = episode.Unmeasurable, "a value is not a number"
		return
	}
	decide(o, d)
}

// stuck is the standard error, of logarithms, below which values are taken for equal: a mean of equal
// values may differ from them in its last digit.
const stuck = 1e-9

// decide compares the difference of the logarithms of both sides with the prediction.
func decide(o *episode.Outcome, d stat.Difference) {
	change, low, high := stat.Percent(d.Estimate), stat.Percent(d.Low), stat.Percent(d.High)
	detectable := stat.Percent(d.Detectable(alpha, power))
	o.Change, o.Low, o.High, o.Detectable = &change, &low, &high, &detectable
	switch predictedLow, predictedHigh := *o.PredictedLow, *o.PredictedHigh; {
	case d.Error < stuck || math.IsNaN(detectable):
		o.Result, o.Reason = episode.Unmeasurable, "all values of a side are equal (check that each was measured)"
	case detectable > predictedHigh:
		o.Result = episode.Unmeasurable
		o.Reason = fmt.Sprintf("only changes from %.1f %% can be seen, and %s was predicted", detectable,
			atMost(predictedHigh))
	case high < 0:
		o.Result = episode.Opposite
	case low > 0 && change >= predictedLow && change <= predictedHigh:
		o.Result = episode.Hit
	default:
		o.Result, o.Reason = episode.Miss, missed(low, change, predictedHigh)
	}
}

// atMost writes the high end of a prediction, which is never 0.
func atMost(percent float64) string {
	if percent < 0.1 {
		return "less than 0.1 %"
	}
	return fmt.Sprintf("at most %.1f %%", percent)
}

// missed says in which direction a prediction was wrong.
func missed(low, change, predictedHigh float64) string {
	switch {
	case low <= 0:
		return "it is not better for sure"
	case change > predictedHigh:
		return "more was gained than predicted"
	}
	return "less was gained than predicted"
}
