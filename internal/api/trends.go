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
	// Unwatched are the rules that judge nothing on a cluster, and so can't fire there. Those of
	// another cluster than the one asked for are left out.
	Unwatched []Unwatched `json:"unwatched"`
}

// Unwatched is a rule that judges no signal on a cluster.
type Unwatched struct {
	Rule    string `json:"rule"`
	Cluster string `json:"cluster"`
	Signal  string `json:"signal"`
	// Series counts the signals that the rule follows and can't judge yet.
	Series int `json:"series"`
	// State is unseen: the signal has no sample; unmatched: it has, but not of what the rule is about;
	// or waiting: there are too few samples. Why says more, in words.
	State string `json:"state"`
	Why   string `json:"why"`
}

// Trends lists the signals that rules follow now, in the order of the rules: up to limit or, for 0,
// all of them.
func (c *Client) Trends(ctx context.Context, of episode.JobRef, limit int) (TrendList, error) {
	return get[TrendList](ctx, c, "trends", params("cluster", of.Cluster, "job", of.Job, "limit", number(limit)))
}
