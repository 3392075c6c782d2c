package web

import (
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// scoreView is how often one rule was right.
type scoreView struct {
	episode.RuleScore
	// Lead is the median time from the alert to the passing of the limit, Later how much later
	// than said that was.
	Lead, Later string
}

// scores leaves out the rules of which nothing has come yet.
func scores(all []episode.RuleScore) (out []scoreView) {
	for _, s := range all {
		if s.Fired+s.True+s.False+s.Avoided+s.Missed == 0 {
			continue
		}
		view := scoreView{RuleScore: s, Lead: unknown, Later: unknown}
		if lead, ok := stat.Median(s.Leads); ok {
			view.Lead = seconds(lead)
		}
		if later, ok := stat.Median(s.Delays); ok {
			view.Later = signedSeconds(later)
		}
		out = append(out, view)
	}
	return out
}

// signedSeconds is a time that may be below 0.
func signedSeconds(v float64) string {
	if v < 0 {
		return "−" + seconds(-v)
	}
	return seconds(v)
}
