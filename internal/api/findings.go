package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// FindingList is the answer of GET /api/v1/findings.
type FindingList struct {
	Findings []FindingEntry `json:"findings"`
	// Next is what to pass as before for those that follow; empty at the end. It is an episode.
	Next string `json:"next,omitempty"`
}

// FindingEntry is a finding with its episode and job.
type FindingEntry = episode.FindingEntry

// FindingQuery says which findings are asked for. The zero value is all, up to a default
// number.
type FindingQuery struct {
	Of episode.JobRef
	// Category and Severity are words of findings; empty is any.
	Category string
	Severity episode.Severity
	// Before is an episode: only findings of older ones. From and To bound when the episode was
	// opened: From is the first moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	// Limit is the least number at which a page ends; the findings of an episode stay together.
	Limit int
}

// Findings lists findings, those of the newest episode first.
func (c *Client) Findings(ctx context.Context, q FindingQuery) (FindingList, error) {
	list := FindingList{Findings: make([]FindingEntry, 0, max(q.Limit, 0))} // a long list does not grow in steps
	err := getInto(ctx, c, "findings", params("cluster", q.Of.Cluster, "job", q.Of.Job, "category", q.Category,
		"severity", string(q.Severity), "before", q.Before, "from", timeText(q.From), "to", timeText(q.To),
		"limit", number(q.Limit)), &list)
	return list, err
}
