package routes

import (
	"io"
	"net/http"
	"strconv"
)

// Backups copies the history.
type Backups interface {
	// Snapshot returns a consistent copy and its size in bytes; the caller closes it.
	Snapshot() (io.ReadCloser, int64, error)
}

// stream is an answer that is copied as it is read.
type stream struct {
	body io.ReadCloser
	size int64
}

func (s stream) writeTo(w http.ResponseWriter) {
	defer s.body.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(s.size, 10))
	// The receiver sees by the length that an answer is cut short.
	_, _ = io.Copy(w, s.body)
}

func (h *Handler) backup(http.ResponseWriter, *http.Request) (any, error) {
	if h.sources.Backups == nil {
		return nil, refusal(http.StatusServiceUnavailable, "this sidecar keeps no history (ask one that runs the loop)")
	}
	body, size, err := h.sources.Backups.Snapshot()
	if err != nil {
		return nil, err
	}
	return stream{body, size}, nil
}
