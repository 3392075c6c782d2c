package scaletest

import (
	"context"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// Meeting is where the shards of a test meet.
type Meeting struct {
	// Begun tells the others that everything is checked.
	Begun func(context.Context, scalerun.Test) error
	// Meet waits until every shard is ready for a round, and returns when it begins for all of
	// them.
	Meet func(ctx context.Context, round int) (begin time.Time, err error)
	// Took hands over what this shard measured.
	Took func(context.Context, scalerun.Slice) error
	// Measured waits until every shard has handed over a round, and returns what all measured.
	Measured func(ctx context.Context, round int) (scalerun.Iteration, error)
}

// begin returns when a round begins, and waits until then.
func (t *Test) begin(ctx context.Context) (time.Time, error) {
	if t.meeting == nil {
		return time.Now(), nil
	}
	t.met++
	at, err := t.meeting.Meet(ctx, t.met)
	if err == nil && wait.For(ctx, time.Until(at)) != nil && ctx.Err() != nil {
		err = errInterrupted
	}
	return at, err
}

// share hands over what this shard measured in a round, and takes what all did: every shard
// draws the same conclusions from it. A round that a person ended has none.
func (t *Test) share(ctx context.Context, r *round, it scalerun.Iteration) error {
	if t.meeting == nil {
		return nil
	}
	own := r.ledger.slice(it, t.sinkNames())
	own.Round, own.Calibration = t.met, t.quiet
	if err := t.meeting.Took(context.WithoutCancel(ctx), own); err != nil || r.aborted {
		return err
	}
	all, err := t.meeting.Measured(ctx, t.met)
	switch {
	case err != nil && ctx.Err() != nil:
		return errInterrupted
	case err != nil:
		return err
	}
	r.all = &all
	if !t.quiet {
		t.together = append(t.together, all)
	}
	return nil
}

// whole is what all shards measured in a round: the iteration itself in a test of one process.
func (r *round) whole(it scalerun.Iteration) scalerun.Iteration {
	if r.all != nil {
		return *r.all
	}
	return it
}

// throughput is that of the iterations so far, of all shards together; nil if it is not known.
func (t *Test) throughput(result *scalerun.Test) *float64 {
	if t.meeting == nil {
		return result.Throughput.Value
	}
	all := *result
	all.Iterations = slices.Clone(t.together)
	figures.Conclude(&all, nil)
	return all.Throughput.Value
}

// slice is what a shard hands over of an iteration.
func (l *ledger) slice(it scalerun.Iteration, names []string) scalerun.Slice {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := scalerun.Slice{Iteration: it, Sinks: map[string]scalerun.SliceSink{}}
	first, acked := never, never
	for i := range l.n {
		acked = max(acked, l.acked[i])
	}
	if l.n > 0 {
		first = l.sent[0]
	}
	s.Delays, s.FirstSent, s.LastAcknowledged = l.delays().Encoded(), moment(first), moment(acked)
	s.Arrived = l.arrived()
	for k, name := range names {
		s.Sinks[name] = scalerun.SliceSink{
			LastSeen: moment(l.arrivals[k].last), Latencies: l.latencies(k).Encoded(),
		}
	}
	return s
}

// arrived is how many records every sink shows. The caller holds mu.
func (l *ledger) arrived() (n int64) {
	for i := range l.n {
		everywhere := true
		for _, a := range l.arrivals {
			everywhere = everywhere && a.seen[i] != never
		}
		if everywhere {
			n++
		}
	}
	return n
}

// moment is a time of the ledger in seconds; nil if it has not come.
func moment(at int64) *float64 {
	if at == never {
		return nil
	}
	seconds := figures.Seconds(at)
	return &seconds
}
