package testrun

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

const (
	// shardsEvery is how often a shard reports, and asks for the others.
	shardsEvery = 250 * time.Millisecond
	// shardsWithin bounds the wait for the other shards.
	shardsWithin = 10 * time.Minute
)

// shard is this process as one of those that send a test together. It reports its state to
// the holder of the history again and again, so that the others know that it is alive.
type shard struct {
	client *api.Client

	mu    sync.Mutex // protects state and test
	state scalerun.Shard
	test  string // the id of the test of all shards

	stop func()
	done chan struct{}
}

// joinShards joins the other shards of a test, and goes on reporting until close.
func joinShards(ctx context.Context, client *api.Client, of scaletest.Subject, plan scaletest.Plan) (*shard, error) {
	s := &shard{client: client, state: scalerun.Shard{
		Member: ulid.Make().String(), Shards: plan.Shards, Shard: plan.Shard, Cluster: of.Cluster, Job: of.Job,
		Label: plan.Label, Load: plan.Load(),
	}}
	if err := s.report(ctx, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.stop, s.done = cancel, make(chan struct{})
	go func() {
		defer close(s.done)
		for wait.For(ctx, shardsEvery) == nil {
			_ = s.report(ctx, nil) // the next report may succeed
		}
	}()
	return s, nil
}

func (s *shard) close() {
	s.stop()
	<-s.done
}

// report sends the state, with a slice if there is one.
func (s *shard) report(ctx context.Context, slice *scalerun.Slice) error {
	s.mu.Lock()
	state := s.state
	s.mu.Unlock()
	state.Slice = slice
	group, err := s.client.ReportScaleShard(ctx, state)
	if err == nil {
		s.mu.Lock()
		s.test = group.Test
		s.mu.Unlock()
	}
	return err
}

// change changes the state, and reports it.
func (s *shard) change(ctx context.Context, how func(*scalerun.Shard)) error {
	s.mu.Lock()
	how(&s.state)
	s.mu.Unlock()
	return s.report(ctx, nil)
}

// meeting connects the test with the other shards.
func (s *shard) meeting() *scaletest.Meeting {
	return &scaletest.Meeting{
		Begun: func(ctx context.Context, test scalerun.Test) error {
			return s.change(ctx, func(state *scalerun.Shard) { state.Begun = &test })
		},
		Meet:     s.meet,
		Took:     func(ctx context.Context, slice scalerun.Slice) error { return s.report(ctx, &slice) },
		Measured: s.measured,
	}
}

// measured waits until all shards have handed over a round, and returns it merged.
func (s *shard) measured(ctx context.Context, round int) (it scalerun.Iteration, err error) {
	if err := s.change(ctx, func(state *scalerun.Shard) { state.Took = round }); err != nil {
		return it, err
	}
	err = s.await(ctx, func(g scalerun.Group) bool { return g.Measured != nil || g.Failed != "" },
		func(group scalerun.Group) error {
			if group.Measured == nil {
				return errors.New(group.Failed)
			}
			it = *group.Measured
			return nil
		})
	return it, err
}

// profiles lets the first shard take the profiles. The others send until it has them.
func (s *shard) profiles(alone *scaletest.Profiles) *scaletest.Profiles {
	if alone == nil {
		return nil
	}
	take := s.awaitProfiles
	if s.state.Shard == 0 {
		take = func(ctx context.Context, _ string) (scalerun.Profiled, error) {
			s.mu.Lock()
			test := s.test
			s.mu.Unlock()
			taken, err := alone.Take(ctx, test)
			return taken, errors.Join(err, s.change(context.WithoutCancel(ctx), func(state *scalerun.Shard) {
				state.ProfilesTaken = true
			}))
		}
	}
	return &scaletest.Profiles{Take: take, Span: alone.Span}
}

// awaitProfiles waits until another shard has the profiles. They are in the result of that one.
func (s *shard) awaitProfiles(ctx context.Context, _ string) (none scalerun.Profiled, err error) {
	err = s.await(ctx, func(g scalerun.Group) bool { return g.ProfilesTaken || g.Failed != "" },
		func(group scalerun.Group) error {
			if !group.ProfilesTaken {
				return errors.New(group.Failed)
			}
			return nil
		})
	return none, err
}

// meet waits until all shards are ready for a round.
func (s *shard) meet(ctx context.Context, round int) (begin time.Time, err error) {
	if err := s.change(ctx, func(state *scalerun.Shard) { state.Ready = round }); err != nil {
		return begin, err
	}
	err = s.await(ctx, func(g scalerun.Group) bool { return g.BeginsInSeconds != nil || g.Failed != "" },
		func(group scalerun.Group) error {
			if group.Failed != "" {
				return errors.New(group.Failed)
			}
			begin = time.Now().Add(time.Duration(*group.BeginsInSeconds * float64(time.Second)))
			return nil
		})
	return begin, err
}

// merged ends this shard with its own result, and returns that of all.
func (s *shard) merged(ctx context.Context, own scalerun.Test, failure error) (test scalerun.Test, err error) {
	err = s.change(ctx, func(state *scalerun.Shard) {
		state.Profiled, state.Warnings = own.Profiled, own.Warnings
		if state.Ended = true; failure != nil {
			state.Error = failure.Error()
		}
	})
	if err != nil {
		return test, err
	}
	err = s.await(ctx, func(g scalerun.Group) bool { return g.Merged != nil }, func(g scalerun.Group) error {
		test = *g.Merged
		return nil
	})
	return test, err
}

// await asks until enough is true of the group. The time of the answer is that of take.
func (s *shard) await(
	ctx context.Context, enough func(scalerun.Group) bool, take func(scalerun.Group) error,
) error {
	for deadline := time.Now().Add(shardsWithin); ; {
		s.mu.Lock()
		state := s.state
		s.mu.Unlock()
		group, err := s.client.ReportScaleShard(ctx, state)
		switch {
		case err == nil && enough(group):
			return take(group)
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline) && err != nil:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("shard %s of %d did not come within %s (start each with the same flags and its own --shard)",
				numbers(group.Missing), state.Shards, shardsWithin)
		}
		if err := wait.For(ctx, shardsEvery); err != nil {
			return err
		}
	}
}

func numbers(shards []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shards), " ", ", "), "[]")
}

// runShard runs this process' part of a test, and returns the result of all parts. Only the
// first shard shows its progress at the sidecar, because a test has one.
func runShard(ctx context.Context, o Options, options scaletest.Options, r *reporter) (scalerun.Test, error) {
	s, err := joinShards(ctx, o.Client, options.Subject, o.Plan)
	if err != nil {
		return scalerun.Test{}, err
	}
	defer s.close()
	options.Meeting, r.share = s.meeting(), s.profiles
	failure := error(nil)
	if o.Plan.Shard == 0 {
		if failure = r.begin(ctx); failure == nil {
			defer r.end()
		}
	}
	var own scalerun.Test
	if failure == nil {
		own, failure = r.run(ctx, o, options)
	}
	if failure == nil && own.Verdict == scalerun.Aborted {
		failure = errors.New(own.Reason)
	}
	merged, err := s.merged(context.WithoutCancel(ctx), own, failure)
	return merged, errors.Join(failure, err)
}
