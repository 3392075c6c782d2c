package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

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
