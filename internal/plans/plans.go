package plans

import (
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// For returns the plan of an episode that the loop opens or resumes by itself. A
// round cannot be repeated: its records were sent, and count in the totals of the probe.
// tested reports whether a scale test of a job is under way, which a profile would disturb: only
// a person gets one then.
func For(
	full, epoch loop.Plan, evidence *Bundles, tested func(episode.JobRef) bool,
) func(episode.Alert) (loop.Plan, bool) {
	return func(alert episode.Alert) (loop.Plan, bool) {
		person := alert.Source == episode.FromCLI || alert.Source == episode.FromAPI
		full := full
		if !person && tested(alert.JobRef()) {
			full.Profiler, full.Advisor = unprofiled{ErrTested}, rulesOnly{evidence, full.Advisor}
		}
		// By source first: rules from elsewhere may have any name.
		switch {
		case alert.Source == episode.FromEpoch:
			return epochs.PlanOf(epoch, alert), true
		case alert.Source == episode.FromTrouble:
			return troublePlan(alert, full, evidence), true
		case person && alert.Rule == RuleProbeRound:
			return loop.Plan{}, false
		case person && alert.ScaleTest != nil && !alert.ScaleTest.Advise:
			return loop.Plan{Profiler: full.Profiler, Measurer: full.Measurer}, true
		}
		return without(alert, full, evidence), true
	}
}

// ErrTested is why an episode that no person asked for has no profile.
var ErrTested = errors.New("no profile: a scale test of the job is under way, whose numbers it would change (ask for one: " +
	"sidecar advise)")

// without is the plan less the actions that the rule of the alert switches off. Without
// a profile the LLM is not asked.
func without(alert episode.Alert, full loop.Plan, evidence *Bundles) loop.Plan {
	if alert.Omits(episode.ActionProfile) {
		why := fmt.Errorf("no profile: the rule %s has actions.profile: false (ask for one: sidecar advise)", alert.Rule)
		full.Profiler, full.Advisor = unprofiled{why}, rulesOnly{evidence, full.Advisor}
	}
	if alert.Omits(episode.ActionAdvise) {
		full.Advisor = noAdvice{}
	}
	return full
}

// RuleProbeRound is the rule of episodes that measure a round of the probe.
const RuleProbeRound = "probe-round"
