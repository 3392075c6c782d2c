package api

import (
	"context"
	"fmt"
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
		return nil, &Error{http.StatusServiceUnavailable, "this sidecar keeps no history (ask one that runs the loop)"}
	}
	body, size, err := h.sources.Backups.Snapshot()
	if err != nil {
		return nil, err
	}
	return stream{body, size}, nil
}

// Backup writes a consistent copy of the sidecar's history to w and returns its size in bytes.
func (c *Client) Backup(ctx context.Context, w io.Writer) (int64, error) {
	u := c.base.JoinPath(Prefix, "history", "backup")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, fmt.Errorf("sidecar at %s: %w", c.base.Redacted(), err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		content, err := io.ReadAll(io.LimitReader(response.Body, MaxRequest))
		if err == nil {
			err = failure(response, content)
		}
		return 0, err
	}
	size, err := io.Copy(w, response.Body)
	if err != nil {
		return size, fmt.Errorf("sidecar at %s: %w", c.base.Redacted(), err)
	}
	return size, nil
}
