package plans

import (
	"context"
	"errors"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
)

// noProfile says why a trouble is not profiled. Checkpoints are: a profile may show what
// holds them up, and the planner refuses where it would make things worse.
var noProfile = map[trouble.Kind]error{
	trouble.JobStalled: errors.New("no profile: a stalled job uses no CPU that a profile could show " +
		"(take thread dumps of the vertex that limits it)"),
	trouble.RestartLoop: errors.New("no profile: the job would restart during it (remove the first cause, then ask " +
		"for one)"),
	trouble.TaskManagerGone: errors.New("no profile: the process is gone (see its log)"),
	trouble.ProbeRecordsMissing: errors.New("no profile: it would not show where the records are (see what the job " +
		"reads, and what it filters)"),
}

var errTarget = errors.New("no profile: this is about a server, not about a job (see Targets on the page)")

// troublePlan is what is done about a trouble: its job is measured, if there is one, and
// profiled only where that can help. The LLM is not asked without a profile.
func troublePlan(alert episode.Alert, full loop.Plan, evidence *Bundles) loop.Plan {
	switch why, declined := noProfile[trouble.Kind(alert.Rule)]; {
	case alert.Job == "" && declined:
		return loop.Plan{Profiler: unprofiled{why}, Advisor: noAdvice{}}
	case alert.Job == "":
		return loop.Plan{Profiler: unprofiled{errTarget}, Advisor: noAdvice{}}
	case declined:
		return loop.Plan{Profiler: unprofiled{why}, Measurer: full.Measurer, Advisor: rulesOnly{evidence, full.Advisor}}
	}
	return full
}

// unprofiled declines the profiling step; the episode notes why.
type unprofiled struct{ why error }

// SelectTarget implements loop.Profiler.
func (u unprofiled) SelectTarget(context.Context, episode.Alert) (episode.Target, error) {
	return episode.Target{}, loop.LeftOut{Why: u.why}
}

// Take implements loop.Profiler.
func (u unprofiled) Take(context.Context, episode.Target) ([]episode.Profile, error) {
	return nil, loop.LeftOut{Why: u.why}
}

// noAdvice is for a trouble without a job: its summary says what to do.
type noAdvice struct{}

// Advise implements loop.Advisor.
func (noAdvice) Advise(_ context.Context, _ episode.Episode, soon func(episode.Advice) error) (episode.Advice, error) {
	none := episode.Advice{
		Findings: []episode.Finding{}, Evidence: []episode.Evidence{}, Rejected: []episode.Rejection{},
		Observations: []string{}, Warnings: []string{},
	}
	return none, soon(none)
}

// Show implements loop.Advisor.
func (noAdvice) Show(episode.Episode) {}

// rulesOnly is the advice of the rules.
type rulesOnly struct {
	evidence *Bundles
	shows    loop.Advisor
}

// Advise implements loop.Advisor.
func (r rulesOnly) Advise(
	ctx context.Context, ep episode.Episode, soon func(episode.Advice) error,
) (episode.Advice, error) {
	advice := advisor.Rules(r.evidence.gather(ctx, ep))
	return advice, soon(advice)
}

// Show implements loop.Advisor.
func (r rulesOnly) Show(ep episode.Episode) { r.shows.Show(ep) }
