package api

import (
	"context"
	"net/http"
	"slices"
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

// takes reports whether a record is asked for.
func (q RecordQuery) takes(r episode.ProbeRecord) bool {
	if q.Seed != "" && r.Seed != q.Seed {
		return false
	}
	if !q.From.IsZero() && r.Intended.Before(q.From) || !q.To.IsZero() && !r.Intended.Before(q.To) {
		return false
	}
	if q.Sink == "" && q.Outcome == "" {
		return true
	}
	return slices.ContainsFunc(r.Sinks, func(at episode.AtSink) bool {
		return (q.Sink == "" || at.Sink == q.Sink) && (q.Outcome == "" || at.Outcome == q.Outcome)
	})
}

func (h *Handler) records(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	only := RecordQuery{
		Sink: q.text("sink"), Outcome: episode.RecordOutcome(q.word("outcome", outcomes()...)),
		Seed: q.text("seed"), Before: q.text("before"), From: q.time("from"), To: q.time("to"), Limit: q.limit(),
	}
	if q.err != nil {
		return nil, q.err
	}
	list := RecordList{Records: []episode.ProbeRecord{}}
	err := h.sources.Records.Each(only.Before, func(r episode.ProbeRecord) bool {
		if only.takes(r) {
			list.Records = append(list.Records, r)
		}
		if len(list.Records) == only.Limit {
			list.Next = r.Seed
		}
		return list.Next == "" && (only.Seed == "" || len(list.Records) == 0) // one record has the seed
	})
	return list, err
}

func outcomes() (words []string) {
	for _, o := range episode.RecordOutcomes() {
		words = append(words, string(o))
	}
	return words
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
