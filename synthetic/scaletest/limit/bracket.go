package limit

import (
	"fmt"
	"math"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// MaxTrials bounds the trials of a search, beside those that were too short to say anything.
const MaxTrials = 8

// The steps of a search. From a rate near the limit, rates rise by a quarter until one is not
// sustained; from a rate that a person gave they double. The growth of the backlog then says about
// where the limit is, and a rate on each side of it is tried. Where the noise makes that wrong,
// the two ends are halved geometrically until they differ by less than the resolution.
const (
	NearStep   = 1.25
	FarStep    = 2.0
	Resolution = 1.04
	// beside is from the supposed limit to the rates beside it: the two are within the resolution.
	beside = 1.019
)

// Bracket is the state of the search: the highest sustained rate, the lowest that was not,
// and the rate that is tried next.
type Bracket struct {
	low, high, next float64
	step            float64 // until a rate is not sustained
	// limit is about the highest rate at which the backlog would not grow by too much, by what the
	// job did in the last trial that was too fast; 0 if unknown.
	limit     float64
	limited   *scalerun.Trial // the trial in which the generator was too slow
	undecided int
	lost      int // trials in which records were lost
}

// New begins a search at a rate. Rates rise by the step until one is not sustained.
func New(rate, step float64) Bracket { return Bracket{next: rate, step: step} }

// Next is the rate that is tried next.
func (b *Bracket) Next() float64 { return b.next }

// Take moves the bracket after a trial. A trial in which the job restarted says nothing of the
// rate: the same one is tried again.
func (b *Bracket) Take(trial scalerun.Trial) {
	if slices.Contains(trial.Flags, figures.FlagRestarted) {
		return
	}
	if trial.Lost > 0 {
		b.lost++
	}
	switch trial.Verdict {
	case scalerun.Sustained:
		b.low = max(b.low, trial.Rate)
	case scalerun.NotSustained:
		b.high = trial.Rate
		if trial.Growth != nil {
			b.limit = (trial.Rate - *trial.Growth) / (1 - GrowthShare)
		}
	case scalerun.GeneratorLimited:
		b.limited, b.high = &trial, trial.Rate
	default:
		// The noise hides the answer, so the rate is close to the limit: below it is looked
		// for a rate that is certain.
		b.undecided++
		b.high = trial.Rate
	}
	b.next = b.choose()
}

// choose returns the rate that is tried next.
func (b *Bracket) choose() float64 {
	if b.high == 0 {
		return b.low * b.step
	}
	for _, rate := range []float64{b.limit / beside, b.limit * beside} {
		if b.low < rate && rate < b.high {
			return rate
		}
	}
	if b.low == 0 {
		return b.high / (NearStep * NearStep)
	}
	return math.Sqrt(b.low * b.high)
}

// Done reports whether the two ends are close enough.
func (b *Bracket) Done() bool { return b.low > 0 && b.high > 0 && b.high/b.low <= Resolution }

// Conclude writes the result so far.
func (b *Bracket) Conclude(found *scalerun.Sustainable) {
	if b.low > 0 {
		rate := b.low
		found.Rate = &rate
	}
	if b.high > 0 {
		next := b.high
		found.NextRate = &next
	}
	switch {
	case b.limited != nil && b.high == b.limited.Rate:
		found.Verdict = scalerun.GeneratorLimited
		found.Reason = fmt.Sprintf("at %.0f records/s the schedule was not kept, so the limit of the job is not known: %s",
			b.limited.Rate, b.limited.Reason)
	case b.low == 0 && b.lost > 0:
		found.Verdict = scalerun.NotSustained
		found.Reason = "records were lost at every rate (does the job filter records, or has it restarted?)"
	case b.low == 0 && b.undecided > 0:
		found.Verdict = scalerun.Undecided
		found.Reason = "no rate was certainly sustained: the backlog is too noisy for this length (send more --records)"
	case b.low == 0 && b.high == 0:
		found.Verdict = scalerun.Undecided
		found.Reason = "the job restarted in every trial (see why, and repeat the test)"
	case b.low == 0:
		found.Verdict = scalerun.NotSustained
		found.Reason = fmt.Sprintf("the backlog grew at every rate down to %.0f records/s", b.high)
	case b.high == 0:
		found.Verdict = scalerun.Undecided
		found.Reason = fmt.Sprintf("every rate up to %.0f records/s is sustained, the limit is higher (begin with a "+
			"higher --rate)", b.low)
	default:
		found.Verdict = scalerun.Sustained
		found.Reason = fmt.Sprintf("the backlog does not grow at %.1f records/s; %.1f, %.0f %% higher, was not certainly "+
			"sustained", b.low, b.high, 100*(b.high/b.low-1))
	}
}

// Combine makes one result of the searches so far. It is sustained if all of them are.
func Combine(found *scalerun.Sustainable, all []scalerun.Sustainable, planned int) {
	last := all[len(all)-1]
	found.Verdict, found.Reason = last.Verdict, last.Reason
	if planned == 1 {
		found.Rate, found.NextRate = last.Rate, last.NextRate
		return
	}
	found.NextRate, found.Repeats = nil, nil
	for _, one := range all {
		found.NextRate = figures.Later(found.NextRate, one.NextRate)
		if one.Rate != nil {
			found.Repeats = append(found.Repeats, *one.Rate)
		}
	}
	if median, ok := stat.Median(found.Repeats); ok {
		found.Rate = &median
	}
	if last.Verdict != scalerun.Sustained {
		found.Reason = fmt.Sprintf("search %d of %d: %s", len(all), planned, last.Reason)
		return
	}
	found.Reason = fmt.Sprintf("%d of %d searches found %.1f to %.1f records/s", len(all), planned,
		slices.Min(found.Repeats), slices.Max(found.Repeats))
}
