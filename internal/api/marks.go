package api

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// MarkRequest is the body of POST /api/v1/history/mark.
type MarkRequest struct {
	// Finding is the id of a finding, which begins with that of its episode.
	Finding  string           `json:"finding"`
	Decision episode.Decision `json:"decision"`
	// Note has at most [episode.MaxNote] bytes; empty for none.
	Note string `json:"note,omitempty"`
}

// Mark has the sidecar store what people say of a finding.
func (c *Client) Mark(ctx context.Context, request MarkRequest) (episode.Mark, error) {
	return post[episode.Mark](ctx, c, "history/mark", request)
}
