package loop

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// step does the work of one state. It begins by recording the state. An error means that
// the episode cannot continue now: ctx ended, or the history is broken. A step that
// merely failed returns a failure.
type step struct {
	state episode.State
	do    func(l *Loop, ctx context.Context, ep *episode.Episode, plan Plan) (failure, err error)
}

// steps in their order. An episode that is resumed begins with the one it was in.
var steps = []step{
	{episode.Profiling, (*Loop).profile},
	{episode.Measuring, (*Loop).measure},
	{episode.Advising, (*Loop).advise},
}

// run takes an episode from its present state to its end, or to the state announcing.
func (l *Loop) run(ctx context.Context, ep episode.Episode, plan Plan) (episode.Episode, error) {
	begin := max(0, slices.IndexFunc(steps, func(s step) bool { return s.state == ep.State }))
	for _, s := range steps[begin:] {
		failure, err := s.do(l, ctx, &ep, plan)
		switch {
		case err != nil:
			return ep, err
		case failure != nil && !plan.announced():
			return l.finishAtLast(ctx, ep, failure)
		case failure != nil:
			ep.Notes = withNote(ep.Notes, failure.Error())
			l.logFailure(ep, s.state, failure)
		}
	}
	if !plan.announced() {
		return l.finishAtLast(ctx, ep, nil)
	}
	if l.notifier == nil {
		ended, err := l.finish(ep, nil)
		if err == nil {
			l.show(ended, plan)
		}
		return ended, err
	}
	if err := l.record(&ep, episode.Announcing); err != nil {
		return ep, err
	}
	l.admission.close(ep)
	l.show(ep, plan)
	l.notifying.add(ep)
	return ep, nil
}

// LeftOut is the error of a step that a plan leaves out on purpose: the episode notes why, and the log
// has no warning.
type LeftOut struct{ Why error }

// Error implements error.
func (l LeftOut) Error() string { return l.Why.Error() }

// Unwrap returns the reason.
func (l LeftOut) Unwrap() error { return l.Why }

// logFailure says in the log that the episode continues without the result of a step.
func (l *Loop) logFailure(ep episode.Episode, state episode.State, failure error) {
	if _, planned := errors.AsType[LeftOut](failure); planned {
		l.about(ep).Debug("Step left out", "state", state, "reason", failure)
		return
	}
	l.about(ep).Warn("Step failed; the episode continues without its result", "state", state, "err", failure)
}

// record moves the episode to a state, with all its present content. An episode that
// could not be recorded stays in its earlier state.
func (l *Loop) record(ep *episode.Episode, state episode.State) error {
	next := *ep
	next.State, next.Triggers = state, l.admission.triggersOf(*ep)
	if err := l.history.PutEpisode(next); err != nil {
		return fmt.Errorf("recording episode %s: %w", ep.ID, err)
	}
	*ep = next
	if state == episode.Announcing || state.Final() {
		l.begun.Delete(ep.ID)
	}
	l.watch.moved(next, l.Now())
	return nil
}

// show lets the advisor export the advice in history.
func (l *Loop) show(ep episode.Episode, plan Plan) {
	if plan.Advisor != nil && ep.Advice != nil {
		plan.Advisor.Show(ep)
	}
}

// profile selects the target, records it, and takes the profiles.
func (l *Loop) profile(ctx context.Context, ep *episode.Episode, plan Plan) (failure, err error) {
	if plan.Profiler == nil {
		return nil, nil
	}
	if ep.Target == nil {
		target, failure := plan.Profiler.SelectTarget(ctx, ep.Alert)
		if failure != nil {
			return failure, ctx.Err()
		}
		ep.Target = &target
	}
	target := *ep.Target
	if target.Begun.IsZero() { // else an earlier process has begun
		ep.Target.Begun = l.Now()
	}
	if err := l.record(ep, episode.Profiling); err != nil {
		return nil, err
	}
	ep.Profiles, failure = plan.Profiler.Take(ctx, target)
	for _, p := range ep.Profiles {
		l.about(*ep).Info("Profile taken", "profile", p.ID, "mode", p.Mode, "process", p.Process, "vertex", p.VertexName,
			"samples", p.Samples)
	}
	return failure, ctx.Err()
}

func (l *Loop) measure(ctx context.Context, ep *episode.Episode, plan Plan) (failure, err error) {
	if plan.Measurer == nil {
		return nil, nil
	}
	if err := l.record(ep, episode.Measuring); err != nil {
		return nil, err
	}
	m, failure := plan.Measurer.Measure(ctx, ep.Alert)
	if failure != nil {
		return failure, ctx.Err()
	}
	ep.Measurement, ep.EpochKey = &m, m.EpochKey
	return nil, nil
}

// advise records the rules' advice before the LLM answers. It is repeated if further alerts
// joined the episode meanwhile.
func (l *Loop) advise(ctx context.Context, ep *episode.Episode, plan Plan) (failure, err error) {
	if plan.Advisor == nil {
		return nil, nil
	}
	for known := -1; known < len(ep.Triggers); {
		if err := l.record(ep, episode.Advising); err != nil {
			return nil, err
		}
		known = len(ep.Triggers)
		if err := l.adviseOnce(ctx, ep, plan); err != nil {
			return nil, err
		}
		l.awaitTriggers(ctx, ep)
		ep.Triggers = l.admission.triggersOf(*ep)
	}
	ep.Concluded = l.Now()
	l.metrics.concluded(*ep)
	return nil, nil
}

func (l *Loop) adviseOnce(ctx context.Context, ep *episode.Episode, plan Plan) error {
	advice, err := plan.Advisor.Advise(ctx, *ep, func(rules episode.Advice) error {
		ep.Advice = &rules
		if err := l.record(ep, episode.Advising); err != nil {
			return err
		}
		l.show(*ep, plan)
		return nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	ep.Advice = &advice
	return nil
}

// finish records the final state and returns cause, or the error of recording.
func (l *Loop) finish(ep episode.Episode, cause error) (episode.Episode, error) {
	ended := ep
	ended.Finished, ended.Waiting = l.Now(), ""
	state := episode.Done
	if cause != nil {
		state, ended.Error = episode.Failed, cause.Error()
	}
	if err := l.record(&ended, state); err != nil {
		return ep, err
	}
	l.admission.close(ended)
	l.metrics.finished(ended)
	log := l.about(ended)
	if cause != nil {
		log = log.With("err", cause)
	}
	log.Info("Episode finished", "state", ended.State, "findings", findings(ended))
	return ended, cause
}

// finishAttempts is how often the end of a measurement is recorded; with the pauses between
// them they take a minute. A caller waits for the result.
const finishAttempts = 7

// finishAtLast is finish for an episode that cannot be repeated: a full disk for a moment
// must not lose its measurement.
func (l *Loop) finishAtLast(ctx context.Context, ep episode.Episode, cause error) (episode.Episode, error) {
	pauses := wait.Backoff(firstPause, longestPause)
	for attempt := 1; ; attempt++ {
		ended, err := l.finish(ep, cause)
		if ended.State.Final() || lasting(err) || attempt == finishAttempts {
			return ended, err
		}
		l.about(ep).Warn("The end of an episode is not recorded, it is tried again", "err", err)
		l.watch.failed(ep, l.Now(), err)
		if l.Pause(ctx, pauses.NextBackOff()) != nil {
			return ended, err
		}
	}
}

// withNote adds a note once: a step that is repeated says the same again.
func withNote(notes []string, note string) []string {
	if slices.Contains(notes, note) {
		return notes
	}
	return append(slices.Clip(notes), note)
}

func findings(ep episode.Episode) int {
	if ep.Advice == nil {
		return 0
	}
	return len(ep.Advice.Findings)
}
