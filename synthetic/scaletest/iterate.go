package scaletest

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// iterate runs the iterations of the plan. If their number of records is chosen here, an
// iteration that was too short is not one of them: the job was faster than before, mostly
// because it has warmed up, and the next one gets more records.
func (t *Test) iterate(ctx context.Context, result *scalerun.Test) error {
	n := t.plan.Records
	if n == 0 {
		grown, err := t.grow(ctx, result)
		if err != nil {
			return err
		}
		n = grown
	}
	for done, tries := 0, 0; done < t.plan.Iterations && tries < mostTries*t.plan.Iterations; tries++ {
		if ctx.Err() != nil {
			return errInterrupted
		}
		last := t.plan.ProfileDuring && t.profiles != nil && done == t.plan.Iterations-1
		r, err := t.measureRound(ctx, result, &round{n: n, rate: t.plan.Rate, shape: t.plan.Shape, profiled: last})
		if err != nil {
			return err
		}
		if r.aborted {
			return errInterrupted
		}
		if longer := t.longer(n, r.whole(result.Iterations[len(result.Iterations)-1])); t.plan.Records == 0 && longer > n {
			n = longer
			continue
		}
		done++
	}
	return nil
}

// mostTries bounds the iterations that are repeated because they were too short, as
// a multiple of the planned ones.
const mostTries = 2

// longer is how many records the next iteration needs, after one of n records: n if that was
// long enough.
func (t *Test) longer(n int, it scalerun.Iteration) int {
	enough := longEnough(t.refresh()).Seconds()
	if it.ToAllSinksSeconds == nil || *it.ToAllSinksSeconds >= enough {
		return n
	}
	growth := min(mostGrowth, spareLength*enough / *it.ToAllSinksSeconds)
	return min(maxRecords, int(float64(n)*growth))
}

// measure runs one iteration, and stores it.
func (t *Test) measure(
	ctx context.Context, result *scalerun.Test, n int, rate float64, shape string,
) (*round, error) {
	return t.measureRound(ctx, result, &round{n: n, rate: rate, shape: shape})
}

// measureRound is measure for a round that is described already.
func (t *Test) measureRound(ctx context.Context, result *scalerun.Test, r *round) (*round, error) {
	if t.sent += r.n; t.sent > t.plan.limit() {
		return nil, t.plan.errTooMany()
	}
	t.total++
	r.number = t.total
	err := t.run(ctx, r, result.ID)
	if r.ledger != nil {
		defer t.remove(context.WithoutCancel(ctx), r)
	}
	if err != nil {
		return r, err
	}
	nothing := t.nothing(r.ledger)
	if nothing != nil && !r.aborted {
		return r, nothing
	}
	it, err := t.result(context.WithoutCancel(ctx), r)
	if err != nil {
		return r, err
	}
	result.Iterations = append(result.Iterations, it)
	r.profiledBy(result, it)
	if err := t.share(ctx, r, it); err != nil {
		return r, err
	}
	if !r.apart && !t.calibrating {
		t.spectra.add(r.number, r.ledger, t.sinkNames())
	}
	t.finished(it)
	figures.Conclude(result, errInterrupted) // until the last iteration has ended
	if err := t.store(context.WithoutCancel(ctx), *result); err != nil || !r.redeployed {
		return r, err
	}
	return r, errRedeployed
}
