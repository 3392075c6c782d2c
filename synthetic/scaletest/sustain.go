package scaletest

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
)

// firstShare is the first rate of a search, as a share of what a full-speed iteration reached.
const firstShare = 0.95

// search finds the highest sustained rate.
func (t *Test) search(ctx context.Context, result *scalerun.Test) error {
	t.doing = "finding the sustainable rate"
	found := &scalerun.Sustainable{
		Verdict: scalerun.Undecided, Trials: []scalerun.Trial{}, Beside: t.subject.Beside,
		Reason: "no trial has ended",
	}
	result.Sustainable = found
	start, err := t.startRate(ctx, result)
	if err != nil {
		found.Reason = "no first rate is known: " + err.Error()
		return err
	}
	step := limit.FarStep
	if t.plan.Rate == 0 {
		step = limit.NearStep
	}
	b := limit.New(start, step)
	var all []scalerun.Sustainable
	for len(all) < t.plan.searches() {
		all = append(all, scalerun.Sustainable{})
		err := t.searchOnce(ctx, result, b, func(b limit.Bracket) {
			b.Conclude(&all[len(all)-1])
			limit.Combine(found, all, t.plan.searches())
			t.setHeadroom(found)
		})
		last := all[len(all)-1]
		if err != nil {
			return t.endEarly(found, all, err)
		}
		if last.Verdict != scalerun.Sustained {
			return nil
		}
		b = limit.New(*last.Rate, limit.NearStep)
	}
	return nil
}

// endEarly ends a search that may send no more records: what was found until then stays.
func (t *Test) endEarly(found *scalerun.Sustainable, all []scalerun.Sustainable, err error) error {
	if _, tooMany := errors.AsType[*tooManyError](err); !tooMany || len(found.Trials) == 0 {
		return err
	}
	if ended := all[:len(all)-1]; len(ended) > 0 {
		limit.Combine(found, ended, t.plan.searches())
		t.setHeadroom(found)
	}
	found.Reason += fmt.Sprintf("; --max-records=%d ended the search", t.plan.MaxRecords)
	return nil
}

// searchOnce moves a bracket by trials until it is narrow enough. conclude gets it after each.
func (t *Test) searchOnce(
	ctx context.Context, result *scalerun.Test, b limit.Bracket, conclude func(limit.Bracket),
) error {
	found := result.Sustainable
	for trials := 0; trials < limit.MaxTrials && !b.Done(); {
		if ctx.Err() != nil {
			return errInterrupted
		}
		trial, r, err := t.trial(ctx, result, b.Next())
		if err != nil {
			return err
		}
		if trial.Verdict == scalerun.Sustained && trial.Rate > t.best {
			t.best = trial.Rate
			t.spectra.choose(r.number)
		}
		tooShort := t.lengthen(&trial)
		found.Trials = append(found.Trials, trial)
		t.tried(trial)
		if !tooShort {
			trials++
			b.Take(trial)
			conclude(b)
		}
		if err := t.store(context.WithoutCancel(ctx), *result); err != nil {
			return err
		}
	}
	return nil
}

// startRate is the rate of the plan, or what the job reaches at full speed.
func (t *Test) startRate(ctx context.Context, result *scalerun.Test) (float64, error) {
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

// setHeadroom relates the rate to today's input. A lower bound of the rate gives none.
func (t *Test) setHeadroom(found *scalerun.Sustainable) {
	found.Headroom = nil
	if found.Verdict == scalerun.Sustained && t.subject.Input > 0 {
		ratio := *found.Total() / t.subject.Input
		found.Headroom = &ratio
	}
}
