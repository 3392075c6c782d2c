package scaletest

import (
	"context"
	"fmt"
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The search for the sustainable rate. The first rate is just below what a full-speed
// iteration reached. From there rates rise by a quarter until one is not sustained, and the
// two are then halved geometrically until they differ by less than the resolution.
const (
	maxTrials  = 8
	firstShare = 0.95
	step       = 1.25
	resolution = 1.04
)

// The judgement of a trial. The backlog is what was sent and is not visible in the slowest
// sink. It is judged after warm-up, and grows if its line does, with its interval, by more than
// a share of the rate.
const (
	trialWarmUp  = 1.0 / 3 // of the trial
	growthShare  = 0.02    // of the rate
	slopeAlpha   = 0.05    // error of each end of the slope's interval
	keptSchedule = 0.98    // share of the rate that must really be sent
	minBacklog   = 20      // of the backlog
)

// search finds the highest sustained rate.
func (t *Test) search(ctx context.Context, result *episode.ScaleTest) error {
	t.doing = "finding the sustainable rate"
	found := &episode.Sustainable{Verdict: episode.Undecided, Trials: []episode.ScaleTrial{}}
	result.Sustainable = found
	start, err := t.startRate(ctx, result)
	if err != nil {
		found.Reason = "no first rate is known: " + err.Error()
		return err
	}
	b := bracket{next: start}
	for len(found.Trials) < maxTrials && !b.done() {
		if ctx.Err() != nil {
			return errInterrupted
		}
		trial, err := t.trial(ctx, result, b.next)
		if err != nil {
			return err
		}
		found.Trials = append(found.Trials, trial)
		b.take(trial)
		b.conclude(found)
		t.setHeadroom(found)
		if err := t.store(context.WithoutCancel(ctx), *result); err != nil {
			return err
		}
	}
	return nil
}

// startRate is the rate of the plan, or what the job reaches at full speed.
func (t *Test) startRate(ctx context.Context, result *episode.ScaleTest) (float64, error) {
	if t.plan.Rate > 0 {
		return t.plan.Rate, nil
	}
	scratch := *result
	n := t.plan.Records
	if n == 0 {
		grown, err := t.grow(ctx, &scratch)
		if err != nil {
			return 0, err
		}
		n = grown
	}
	scratch.Iterations = nil
	if _, err := t.calibrate(ctx, &scratch, n); err != nil {
		return 0, err
	}
	reached := scratch.Iterations[0].Throughput
	if reached == nil {
		return 0, errInterrupted
	}
	return firstShare * *reached, nil
}

// setHeadroom relates the rate to today's input.
func (t *Test) setHeadroom(found *episode.Sustainable) {
	if found.Rate != nil && t.subject.Input > 0 {
		ratio := *found.Rate / t.subject.Input
		found.Headroom = &ratio
	}
}

// trial sends at a rate for long enough and judges the backlog.
func (t *Test) trial(ctx context.Context, result *episode.ScaleTest, rate float64) (episode.ScaleTrial, error) {
	length := longEnough(t.refresh()).Seconds()
	if t.plan.Records > 0 {
		length = float64(t.plan.Records) / rate
	}
	n := min(maxRecords, max(1, int(math.Ceil(rate*length))))
	scratch := *result
	scratch.Iterations = nil
	keep, quiet := t.keep, t.quiet
	t.keep, t.quiet = nil, true
	r, err := t.measure(ctx, &scratch, n, rate, Steady)
	t.keep, t.quiet = keep, quiet
	result.Warnings = scratch.Warnings
	if err != nil {
		return episode.ScaleTrial{}, err
	}
	if r.aborted {
		return episode.ScaleTrial{}, errInterrupted
	}
	return judge(rate, r.backlog, scratch.Iterations[0]), nil
}

// judge decides whether a rate was sustained. A slow generator is never taken for the limit
// of the job.
func judge(rate float64, backlog []backlogSample, it episode.ScaleIteration) episode.ScaleTrial {
	trial := episode.ScaleTrial{Rate: rate, Verdict: episode.Undecided}
	sent := float64(it.Intended - it.NotSent - it.ProduceFailed)
	times, records := afterWarmUp(backlog)
	if len(backlog) > 0 {
		trial.Seconds = backlog[len(backlog)-1].at
	}
	if trial.Seconds > 0 {
		really := min(sent/trial.Seconds, rate)
		trial.SentRate = &really
	}
	late := it.PublishDelay.P99
	switch {
	case it.NotSent+it.ProduceFailed > 0:
		trial.Verdict = episode.GeneratorLimited
		trial.Reason = fmt.Sprintf("%d of %d records were not sent as planned", it.NotSent+it.ProduceFailed, it.Intended)
		return trial
	case late != nil && *late > lateLimit(trial.Seconds):
		trial.Verdict = episode.GeneratorLimited
		trial.Reason = fmt.Sprintf("one in a hundred records was sent %.1f s or more after its time", *late)
		return trial
	case len(times) < minBacklog:
		trial.Reason = fmt.Sprintf("only %d samples of the backlog after the warm-up (send more records)", len(times))
		return trial
	}
	judgeLine(&trial, stat.FitLine(times, records))
	return trial
}

// judgeLine decides from the line through the backlog, with its interval.
func judgeLine(trial *episode.ScaleTrial, line stat.Line) {
	low, high, ok := line.SlopeInterval(slopeAlpha)
	if !ok {
		trial.Reason = "the growth of the backlog is not known"
		return
	}
	trial.Growth, trial.GrowthLow, trial.GrowthHigh = &line.Slope, &low, &high
	limit := growthShare * trial.Rate
	trial.Reason = fmt.Sprintf("the backlog grows by %.1f records/s (%.1f to %.1f)", line.Slope, low, high)
	switch {
	case low > limit:
		trial.Verdict = episode.NotSustained
	case high < limit:
		trial.Verdict = episode.Sustained
	}
}

// lateLimit is the publish delay beyond which the generator did not keep the schedule.
func lateLimit(seconds float64) float64 {
	return max(lateAtLeast.Seconds(), (1-keptSchedule)*seconds)
}

func afterWarmUp(backlog []backlogSample) (times, records []float64) {
	if len(backlog) == 0 {
		return nil, nil
	}
	from := backlog[len(backlog)-1].at * trialWarmUp
	for _, s := range backlog {
		if s.at >= from {
			times, records = append(times, s.at), append(records, s.records)
		}
	}
	return times, records
}

// bracket is the state of the search: the highest sustained rate, the lowest that was not,
// and the rate that is tried next.
type bracket struct {
	low, high, next float64
	limited         *episode.ScaleTrial // the trial in which the generator was too slow
	undecided       int
}

// take moves the bracket after a trial.
func (b *bracket) take(trial episode.ScaleTrial) {
	switch trial.Verdict {
	case episode.Sustained:
		b.low = max(b.low, trial.Rate)
	case episode.NotSustained:
		b.high = trial.Rate
	case episode.GeneratorLimited:
		b.limited, b.high = &trial, trial.Rate
	default:
		// The noise hides the answer, so the rate is close to the limit: below it is looked
		// for a rate that is certain.
		b.undecided++
		b.high = trial.Rate
	}
	switch {
	case b.high == 0:
		b.next = b.low * step
	case b.low == 0:
		b.next = b.high / (step * step)
	default:
		b.next = math.Sqrt(b.low * b.high)
	}
}

// done reports whether the two ends are close enough.
func (b *bracket) done() bool { return b.low > 0 && b.high > 0 && b.high/b.low <= resolution }

// conclude writes the result so far.
func (b *bracket) conclude(found *episode.Sustainable) {
	if b.low > 0 {
		rate := b.low
		found.Rate = &rate
	}
	switch {
	case b.limited != nil && b.high == b.limited.Rate:
		found.Verdict = episode.GeneratorLimited
		found.Reason = fmt.Sprintf("at %.0f records/s this machine does not keep the schedule, so the limit of the job is not "+
			"known (run the test on a faster machine); %s", b.limited.Rate, b.limited.Reason)
	case b.low == 0 && b.undecided > 0:
		found.Verdict = episode.Undecided
		found.Reason = "no rate was certainly sustained: the backlog is too noisy for this length (send more --records)"
	case b.low == 0:
		found.Verdict = episode.NotSustained
		found.Reason = fmt.Sprintf("the backlog grew at every rate down to %.0f records/s", b.high)
	case b.high == 0:
		found.Verdict = episode.Undecided
		found.Reason = fmt.Sprintf("every rate up to %.0f records/s is sustained, the limit is higher (begin with a "+
			"higher --rate)", b.low)
	default:
		found.Verdict = episode.Sustained
		found.Reason = fmt.Sprintf("the backlog does not grow at %.0f records/s; %.0f was not certainly sustained",
			b.low, b.high)
	}
}
