package limit

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// The judgement of a trial. The backlog is what was sent and is not visible in the slowest
// sink. It is judged after warm-up, and grows if its line does, with its interval, by more than
// a share of the rate.
const (
	trialWarmUp  = 1.0 / 3 // of the trial
	GrowthShare  = 0.02    // of the rate
	slopeAlpha   = 0.05    // error of each end of the slope's interval
	keptSchedule = 0.98    // share of the rate that must really be sent
	minBacklog   = 20      // of the backlog
)

// Sample is the backlog at a time in seconds since the start of a trial, while records were sent.
type Sample struct{ At, Records float64 }

// Wait is how long the generator waited for the brokers in all, which had Records to answer then.
type Wait struct {
	For     time.Duration
	Records int
}

// Judge decides whether a rate was sustained. Neither a slow generator nor slow brokers are taken
// for the limit of the job; held is the wait of the generator for the brokers.
func Judge(
	rate float64, backlog []Sample, held Wait, it scalerun.Iteration,
) scalerun.Trial {
	trial := trialOf(rate, it)
	sent := float64(it.Intended - it.NotSent - it.ProduceFailed)
	times, records := afterWarmUp(backlog)
	if len(backlog) > 0 {
		trial.Seconds = backlog[len(backlog)-1].At
	}
	if trial.Seconds > 0 {
		really := min(sent/trial.Seconds, rate)
		trial.SentRate = &really
	}
	late := it.PublishDelay.P99
	switch {
	case slices.Contains(it.Flags, figures.FlagRestarted):
		trial.Reason = "the job restarted meanwhile, so the rate is tried again"
		return trial
	case it.NotSent+it.ProduceFailed > 0:
		trial.Verdict = scalerun.GeneratorLimited
		trial.Reason = fmt.Sprintf("%d of %d records were not sent as planned%s", it.NotSent+it.ProduceFailed, it.Intended,
			whoIsSlow(held, trial.Seconds))
		return trial
	case late != nil && *late > lateLimit(trial.Seconds):
		trial.Verdict = scalerun.GeneratorLimited
		trial.Reason = fmt.Sprintf("one in a hundred records was sent %.1f s or more after its time%s", *late,
			whoIsSlow(held, trial.Seconds))
		return trial
	case it.Lost > 0:
		trial.Verdict = scalerun.NotSustained
		trial.Reason = fmt.Sprintf("%d of %d records did not reach every sink", it.Lost, it.Sent)
		return trial
	case len(times) < minBacklog:
		trial.Reason = fmt.Sprintf("only %d samples of the backlog after the warm-up (send more records)", len(times))
		return trial
	}
	judgeLine(&trial, stat.FitLine(times, records))
	return trial
}

// trialOf has what a trial keeps of its iteration.
func trialOf(rate float64, it scalerun.Iteration) scalerun.Trial {
	trial := scalerun.Trial{
		Rate: rate, Verdict: scalerun.Undecided, Lost: it.Lost, Duplicates: it.Duplicates, Flags: it.Flags,
	}
	for _, sink := range it.Sinks {
		if p99 := sink.Latency.P99; p99 != nil && (trial.LatencyP99 == nil || *p99 > *trial.LatencyP99) {
			trial.LatencyP99 = p99
		}
	}
	return trial
}

// heldUpShare is the share of a trial from which the wait for the brokers is why the schedule was
// not kept.
const heldUpShare = 0.02

// whoIsSlow says what to do about a schedule that was not kept.
func whoIsSlow(held Wait, seconds float64) string {
	if held.For > 0 && held.For.Seconds() > heldUpShare*seconds {
		return fmt.Sprintf("; for %.1f s the brokers had %d records to answer (look at the brokers)", held.For.Seconds(),
			held.Records)
	}
	return " (run the test on a faster machine)"
}

// judgeLine decides from the line through the backlog, with its interval.
func judgeLine(trial *scalerun.Trial, line stat.Line) {
	low, high, ok := line.SlopeInterval(slopeAlpha)
	if !ok {
		trial.Reason = "the growth of the backlog is not known"
		return
	}
	trial.Growth, trial.GrowthLow, trial.GrowthHigh = &line.Slope, &low, &high
	limit := GrowthShare * trial.Rate
	trial.Reason = fmt.Sprintf("the backlog grows by %.1f records/s (%.1f to %.1f)", line.Slope, low, high)
	switch {
	case low > limit:
		trial.Verdict = scalerun.NotSustained
	case high < limit:
		trial.Verdict = scalerun.Sustained
	}
}

// lateLimit is the publish delay beyond which the generator did not keep the schedule.
func lateLimit(seconds float64) float64 {
	return max(figures.LateAtLeast.Seconds(), (1-keptSchedule)*seconds)
}

func afterWarmUp(backlog []Sample) (times, records []float64) {
	if len(backlog) == 0 {
		return nil, nil
	}
	from := backlog[len(backlog)-1].At * trialWarmUp
	for _, s := range backlog {
		if s.At >= from {
			times, records = append(times, s.At), append(records, s.Records)
		}
	}
	return times, records
}
