package web

import (
	"slices"

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

// leadsView is the histogram of how long before the limit the true alerts of the rules fired.
type leadsView struct {
	// Until are the upper bounds of the columns in words; the last column has none.
	Until []string
	Rows  []leadsRow
}

type leadsRow struct {
	Rule  string
	Leads []leadsCell
}

// leadsCell counts the alerts of a column. Share is that of the rule's fullest one.
type leadsCell struct {
	N     uint64
	Share float64
}

// leadTimes is nil while no rule has a true alert.
func leadTimes(all []episode.RuleScore) *leadsView {
	view := &leadsView{}
	for _, bound := range episode.LeadBounds() {
		view.Until = append(view.Until, length(bound))
	}
	for _, s := range all {
		leads := s.LeadsWithin()
		if leads == nil {
			continue
		}
		row := leadsRow{Rule: s.Rule}
		for _, n := range leads {
			row.Leads = append(row.Leads, leadsCell{n, float64(n) / float64(slices.Max(leads))})
		}
		view.Rows = append(view.Rows, row)
	}
	if view.Rows == nil {
		return nil
	}
	return view
}
