package api

import (
	"context"
	"time"
)

// SampleList is the answer of GET /api/v1/trends/samples: the samples of the signals that the history
// keeps, oldest first.
type SampleList struct {
	// Pages are what the metrics of a cluster were at a time: gzip of JSON with at, the time in
	// milliseconds of Unix time, and series, a list of n, the name, l, the labels, and v, the value.
	Pages [][]byte `json:"pages"`
	// Next is the parameter after of the request for more; empty if no more follow.
	Next string `json:"next,omitempty"`
}

// Samples lists the kept samples since a time or, if after is not empty, those behind an earlier answer.
func (c *Client) Samples(ctx context.Context, since time.Time, after string) (SampleList, error) {
	return get[SampleList](ctx, c, "trends/samples", params("from", timeText(since), "after", after))
}
