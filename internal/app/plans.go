package app

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// planFor returns the plan of an episode that the loop opens or resumes by itself. A
// round cannot be repeated: its records were sent, and count in the totals of the probe.
func planFor(full, epoch loop.Plan, evidence *bundles) func(episode.Alert) (loop.Plan, bool) {
	return func(alert episode.Alert) (loop.Plan, bool) {
		// By source first: rules from elsewhere may have any name.
		switch person := alert.Source == episode.FromCLI || alert.Source == episode.FromAPI; {
		case alert.Source == episode.FromEpoch:
			return epochs.PlanOf(epoch, alert), true
		case alert.Source == episode.FromTrouble:
			return troublePlan(alert, full, evidence), true
		case person && alert.Rule == ruleProbeRound:
			return loop.Plan{}, false
		case person && alert.ScaleTest != nil && !alert.ScaleTest.Advise:
			return loop.Plan{Profiler: full.Profiler, Measurer: full.Measurer}, true
		}
		return without(alert, full, evidence), true
	}
}

// without is the plan less the actions that the rule of the alert switches off. Without
// a profile the LLM is not asked.
func without(alert episode.Alert, full loop.Plan, evidence *bundles) loop.Plan {
	if alert.Omits(episode.ActionProfile) {
		why := fmt.Errorf("no profile: the rule %s has actions.profile: false (ask for one: sidecar advise)", alert.Rule)
		full.Profiler, full.Advisor = unprofiled{why}, rulesOnly{evidence, full.Advisor}
	}
	if alert.Omits(episode.ActionAdvise) {
		full.Advisor = noAdvice{}
	}
	return full
}
