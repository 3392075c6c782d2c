package api

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Scorecard returns how often each trend rule was right.
func (c *Client) Scorecard(ctx context.Context) (Scorecard, error) {
	return get[Scorecard](ctx, c, "rules/scorecard", nil)
}

// Scorecard says how often each trend rule was right, sorted by rule.
type Scorecard struct {
	Rules []episode.RuleScore `json:"rules"`
}

// ScorecardOf returns the scores with empty lists in place of nil.
func ScorecardOf(scores []episode.RuleScore) Scorecard {
	out := Scorecard{Rules: NotNil(scores)}
	for i := range out.Rules {
		out.Rules[i].Leads = NotNil(out.Rules[i].Leads)
		out.Rules[i].Delays = NotNil(out.Rules[i].Delays)
	}
	return out
}

// TrendList is the answer of GET /api/v1/trends.
type TrendList struct {
	Trends []Trend `json:"trends"`
	// LeftOut is how many more there are than the limit lets through.
	LeftOut int `json:"left_out,omitempty"`
}

// Trends lists the signals that rules follow now, in the order of the rules: up to limit or, for 0,
// all of them.
func (c *Client) Trends(ctx context.Context, of episode.JobRef, limit int) (TrendList, error) {
	return get[TrendList](ctx, c, "trends", params("cluster", of.Cluster, "job", of.Job, "limit", number(limit)))
}
