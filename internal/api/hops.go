package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// HopList is the answer of GET /api/v1/hops.
type HopList struct {
	Hops []HopEntry `json:"hops"`
	// Next is what to pass as before for those that follow; empty at the end. It is a
	// measurement.
	Next string `json:"next,omitempty"`
}

// HopEntry is the latency of one hop in one measurement.
type HopEntry struct {
	// Measurement is the id of the measurement, which lasted from Began to Ended.
	Measurement string      `json:"measurement"`
	Kind        string      `json:"kind"`
	Began       time.Time   `json:"began"`
	Ended       time.Time   `json:"ended"`
	Cluster     string      `json:"cluster,omitempty"`
	Job         string      `json:"job,omitempty"`
	Hop         episode.Hop `json:"hop"`
}

// HopQuery says which hops are asked for. The zero value is all, up to a default number.
type HopQuery struct {
	Of episode.JobRef
	// Hop is the name of a hop, for example visible, and Kind window or round; empty is any.
	Hop, Kind string
	// Before is a measurement: only hops of older ones. From and To bound when it began: From
	// is the first moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	// Limit is the least number at which a page ends; the hops of a measurement stay together.
	Limit int
}

// Hops lists the latencies of hops, those of the newest measurement first.
func (c *Client) Hops(ctx context.Context, q HopQuery) (HopList, error) {
	return get[HopList](ctx, c, "hops", params("cluster", q.Of.Cluster, "job", q.Of.Job, "hop", q.Hop, "kind", q.Kind,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}
