package api

import (
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Scorecard says how often each trend rule was right, sorted by rule.
type Scorecard struct {
	Rules []episode.RuleScore `json:"rules"`
}

// ScorecardOf returns the scores with empty lists in place of nil.
func ScorecardOf(scores []episode.RuleScore) Scorecard {
	out := Scorecard{Rules: notNil(scores)}
	for i := range out.Rules {
		out.Rules[i].Leads = notNil(out.Rules[i].Leads)
		out.Rules[i].Delays = notNil(out.Rules[i].Delays)
	}
	return out
}

func (h *Handler) scorecard(http.ResponseWriter, *http.Request) (any, error) {
	if h.sources.Rules == nil {
		return ScorecardOf(nil), nil
	}
	return ScorecardOf(h.sources.Rules.Scores()), nil
}
