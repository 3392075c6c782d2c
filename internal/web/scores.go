package web

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// scoreView is how often one rule was right.
type scoreView struct {
	episode.RuleScore
	// Lead is the median time from the alert to the passing of the limit.
	Lead string
}

// scores leaves out the rules of which nothing has come yet.
func scores(all []episode.RuleScore) (out []scoreView) {
	for _, s := range all {
		if s.Fired+s.True+s.False+s.Avoided+s.Missed == 0 {
			continue
		}
		view := scoreView{RuleScore: s, Lead: unknown}
		if leads := slices.Sorted(slices.Values(s.Leads)); len(leads) > 0 {
			view.Lead = seconds(leads[len(leads)/2])
		}
		out = append(out, view)
	}
	return out
}
