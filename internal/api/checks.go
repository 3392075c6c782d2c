package api

import (
	"context"
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// Checks is the answer of GET /api/v1/checks: what sidecar doctor finds, as the running
// sidecar saw it last.
type Checks struct {
	At     time.Time      `json:"at"`
	Works  bool           `json:"works"` // no check failed
	Checks []check.Result `json:"checks"`
}

// errNotChecked answers while nothing is known: an empty list would look like success.
var errNotChecked = &Error{http.StatusServiceUnavailable, "this sidecar has not checked its servers yet (ask again in a minute)"}

func (h *Handler) checks(http.ResponseWriter, *http.Request) (any, error) {
	if h.sources.Checks == nil {
		return nil, errNotChecked
	}
	at, results := h.sources.Checks()
	if at.IsZero() {
		return nil, errNotChecked
	}
	return Checks{At: at, Works: check.Works(results), Checks: notNil(results)}, nil
}

// Checks returns what sidecar doctor finds, as the running sidecar saw it last.
func (c *Client) Checks(ctx context.Context) (Checks, error) {
	return get[Checks](ctx, c, "checks", nil)
}
