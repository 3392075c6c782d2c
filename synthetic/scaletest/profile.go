package scaletest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// Profiles takes the profiles of a test.
type Profiles struct {
	// Take takes them now, and returns when they are there: Episode, Profiles and Modes of
	// the result are filled. What it returns with an error counts too.
	Take func(ctx context.Context, test string) (scalerun.Profiled, error)
	// Span is how long that takes at most, as far as it is known.
	Span time.Duration
}

// ParseModes reads a list of profiling modes with commas between them.
func ParseModes(text string) (modes []string, err error) {
	for name := range strings.SplitSeq(text, ",") {
		mode, err := flame.ParseMode(strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("--modes: %w", err)
		}
		modes = append(modes, string(mode))
	}
	return modes, nil
}

// steadyAfter is how long an iteration runs before its steady part, in which profiles are
// taken: connections are open then, and the first records are at the sinks.
const steadyAfter = 3 * time.Second

// session is the taking of profiles beside one iteration.
type session struct {
	profiled scalerun.Profiled
	err      error
	// ended is when the profiles were there, as the ledger stores it.
	ended int64
}

// profile takes the profiles in an iteration of their own, after the measured ones. What
// goes wrong is a warning: the numbers of the test are there already.
func (t *Test) profile(ctx context.Context, result *scalerun.Test) {
	if t.profiles == nil || t.plan.ProfileDuring || ctx.Err() != nil {
		return
	}
	rate := t.profiledRate(result)
	if rate == 0 {
		warn(result, "no profiles were taken: the throughput of the job is not known")
		return
	}
	span := t.profiles.Span + steadyAfter + longEnough(t.refresh())/2
	n := min(maxRecords, max(1, int(math.Ceil(rate*span.Seconds()))))
	if t.sent+n > t.plan.MaxRecords {
		warn(result, fmt.Sprintf("no profiles were taken: the iteration for them needs %d records, more than --max-records=%d "+
			"leaves (raise it)", n, t.plan.MaxRecords))
		return
	}
	t.doing = "profiles"
	defer func() { t.doing = "" }()
	planned := t.plan.Rate
	if t.plan.FindSustainable {
		planned = rate
	}
	if _, err := t.measureProfiled(ctx, result, n, planned); err != nil {
		warn(result, "the iteration for the profiles failed: "+err.Error())
	}
}

// profiledRate is about how many records per second the job gets while it is profiled.
func (t *Test) profiledRate(result *scalerun.Test) float64 {
	switch {
	case t.plan.FindSustainable:
		if s := result.Sustainable; s != nil && s.Rate != nil {
			return *s.Rate
		}
		return 0
	case t.plan.Rate > 0:
		return t.plan.Rate
	}
	if known := t.throughput(result); known != nil {
		return *known
	}
	return 0
}

// measureProfiled measures an iteration of a steady rate beside which profiles are taken.
func (t *Test) measureProfiled(ctx context.Context, result *scalerun.Test, n int, rate float64) (*round, error) {
	return t.measureRound(ctx, result, &round{n: n, rate: rate, shape: load.Steady, profiled: true, apart: true})
}

// takeProfiles takes the profiles in the steady part of a round. A round that is only for
// them ends with them: its context to send does. taken returns when they are there.
func (t *Test) takeProfiles(ctx context.Context, r *round, test string) (send context.Context, taken func() *session) {
	if !r.profiled {
		return ctx, func() *session { return nil }
	}
	send, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	s := &session{}
	work.Go(func() {
		if r.apart {
			defer stop()
		}
		if wait.For(ctx, steadyAfter) != nil {
			s.err = ctx.Err()
			return
		}
		s.profiled, s.err = t.profiles.Take(ctx, test)
		s.ended = r.ledger.since(time.Now())
	})
	return send, func() *session {
		work.Wait()
		stop()
		return s
	}
}

// profiledBy writes what the profiles of an iteration are and what they cost.
func (r *round) profiledBy(result *scalerun.Test, it scalerun.Iteration) {
	if r.session == nil {
		return
	}
	if r.session.err != nil {
		warn(result, "profiles: "+r.session.err.Error())
	}
	if r.session.profiled.Episode == "" {
		return
	}
	p := r.session.profiled
	p.Iteration, p.Measured = it.Iteration, !r.apart
	result.Profiled = &p
	if last := r.ledger.lastMove(); r.session.ended > last {
		warn(result, fmt.Sprintf("the profiles ended %.0f s after the last record was visible, so a part of them shows a job "+
			"without load (send more --records, or lower profiling.duration)", figures.Seconds(r.session.ended-last)))
	}
}

func warn(result *scalerun.Test, text string) { result.Warnings = append(result.Warnings, text) }
