package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

// ChangeQuery says where to look for change points.
type ChangeQuery struct {
	Of episode.JobRef
	// Since is a time, or how long ago; empty is [ChangesSince].
	Since string
	// Block is the length of a block; empty is that of the sidecar, or 30m.
	Block string
}

// ChangesSince is how far back change points are looked for, and ChangesReach the same.
const (
	ChangesSince = "14d"
	ChangesReach = 14 * 24 * time.Hour
)

// ChangePoints looks for change points in the standing measurements of the jobs that a query takes.
func (c *Client) ChangePoints(ctx context.Context, q ChangeQuery) (changepoint.Report, error) {
	return get[changepoint.Report](ctx, c, "history/changes",
		params("cluster", q.Of.Cluster, "job", q.Of.Job, "since", q.Since, "block", q.Block))
}

// TriageRequest is the body of POST /api/v1/history/triage.
type TriageRequest struct {
	// ID is that of a change point.
	ID    string              `json:"id"`
	State episode.TriageState `json:"state"`
	// Note has at most [episode.MaxNote] bytes; empty for none.
	Note string `json:"note,omitempty"`
	// Since and Block are those of the search that showed the point; empty are [ChangesSince] and
	// the length of the sidecar.
	Since string `json:"since,omitempty"`
	Block string `json:"block,omitempty"`
}

// Triage has the sidecar store what people say of a change point.
func (c *Client) Triage(ctx context.Context, request TriageRequest) (episode.Triage, error) {
	return post[episode.Triage](ctx, c, "history/triage", request)
}
