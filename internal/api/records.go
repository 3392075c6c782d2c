package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// RecordList is the answer of GET /api/v1/probe/records.
type RecordList struct {
	Records []episode.ProbeRecord `json:"records"`
	// Next is what to pass as before for those that follow; empty at the end. It is a seed.
	Next string `json:"next,omitempty"`
}

// RecordQuery says which probe records are asked for. The zero value is all, up to a default
// number.
type RecordQuery struct {
	// Sink and Outcome select records with that outcome at that sink; an empty one is any.
	Sink    string
	Outcome episode.RecordOutcome
	// Seed selects the one record that has it, as exemplars of the probe's latency name it; empty
	// is any.
	Seed string
	// Before is the seed of a record: only those behind it in the list. From and To bound when a
	// record was due: From is the first moment, To the first
	// moment after. The zero time is open.
	Before   string
	From, To time.Time
	Limit    int
}

// Records lists probe records, those of the newest round first.
func (c *Client) Records(ctx context.Context, limit int) (RecordList, error) {
	return c.RecordsOf(ctx, RecordQuery{Limit: limit})
}

// RecordsOf is [Client.Records] of a sink, an outcome, a seed or a time.
func (c *Client) RecordsOf(ctx context.Context, q RecordQuery) (RecordList, error) {
	return get[RecordList](ctx, c, "probe/records", params("sink", q.Sink, "outcome", string(q.Outcome),
		"seed", q.Seed, "before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}
