package annotations

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// openingText is what people see until the advice is complete.
func openingText(ep episode.Episode) string {
	doing := "Profiling …"
	if ep.Alert.Source == episode.FromTrouble || ep.Alert.Omits(episode.ActionProfile) {
		doing = "Collecting evidence …"
	}
	return cmp.Or(ep.Alert.Summary, ep.Alert.Rule) + "\n" + doing
}

// announcement is read at three in the morning, in a small box: what happens and when,
// the first thing to do. The link to the evidence follows it.
func announcement(ep episode.Episode) string {
	lines := []string{cmp.Or(ep.Alert.Summary, ep.Alert.Rule)}
	switch advice := ep.Advice; {
	case ep.Alert.Source == episode.FromTrouble && (advice == nil || len(advice.Findings) == 0):
		// The summary says what to do; that nothing was profiled is in the notes.
	case advice == nil:
		lines = append(lines, "No advice: the evidence was not judged.")
	case len(advice.Findings) == 0:
		lines = append(lines, advice.NoFinding())
	default:
		first := advice.Findings[0]
		lines = append(lines, fmt.Sprintf("First: %s%s. %s", first.Title, episode.ImpactText(first), first.Change))
		if more := len(advice.Findings) - 1; more > 0 {
			lines = append(lines, fmt.Sprintf("And %d more.", more))
		}
	}
	for _, further := range ep.Triggers {
		lines = append(lines, "Also: "+strings.TrimSuffix(cmp.Or(further.Summary, further.Rule), ".")+".")
	}
	for _, p := range ep.Profiles {
		lines = append(lines, fmt.Sprintf("Profile: %s of %s, %d samples.", p.Mode,
			cmp.Or(p.Process, p.VertexName, p.Vertex), p.Samples))
	}
	return strings.Join(append(lines, ep.Notes...), "\n")
}

// outcomeText says what came of a finding that was applied.
func outcomeText(ep episode.Episode, o episode.Outcome) string {
	applied := "Applied"
	if o.By == episode.ByEpoch {
		applied = "Applied, as the new epoch shows"
	}
	lines := []string{fmt.Sprintf("%s: %s", applied, titleOf(ep, o))}
	if o.Change != nil {
		measured := fmt.Sprintf("Throughput %+.3g %%", *o.Change)
		if o.Low != nil && o.High != nil {
			measured = "Throughput " + episode.ChangeText(*o.Change, *o.Low, *o.High)
		}
		if o.PredictedLow != nil && o.PredictedHigh != nil {
			predicted := episode.Impact{LowPercent: *o.PredictedLow, HighPercent: *o.PredictedHigh}
			measured += ", predicted " + predicted.String()
		}
		lines = append(lines, measured+".")
	}
	lines = append(lines, cmp.Or(outcomeWords[o.Result], string(o.Result))+".")
	if o.Reason != "" {
		lines = append(lines, o.Reason)
	}
	return strings.Join(lines, "\n")
}

var outcomeWords = map[episode.OutcomeResult]string{
	episode.Hit:          "It helped as predicted",
	episode.Miss:         "The prediction was wrong",
	episode.Opposite:     "It is worse since then",
	episode.Unmeasurable: "The effect cannot be measured",
	episode.Unattributed: "The effect cannot be told from that of other changes",
}

func titleOf(ep episode.Episode, o episode.Outcome) string {
	if ep.Advice != nil {
		for _, f := range ep.Advice.Findings {
			if f.ID == o.Finding {
				return f.Title
			}
		}
	}
	return o.Category
}
