package routes

import (
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// errNotChecked answers while nothing is known: an empty list would look like success.
var errNotChecked = refusal(http.StatusServiceUnavailable,
	"this sidecar has not checked its servers yet (ask again in a minute)")

func (h *Handler) checks(http.ResponseWriter, *http.Request) (any, error) {
	if h.sources.Checks == nil {
		return nil, errNotChecked
	}
	at, results := h.sources.Checks()
	if at.IsZero() {
		return nil, errNotChecked
	}
	return api.Checks{At: at, Works: check.Works(results), Checks: api.NotNil(results)}, nil
}
