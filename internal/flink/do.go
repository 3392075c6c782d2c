package flink

import (
	"context"
	"strings"
)

// Do sends one request to the endpoint of pattern and ids, with body as JSON unless it is
// empty. It returns the status, of whatever kind, and at most limit bytes of the answer.
// An error means that no complete answer came.
//
// It is for the profiler, whose outcomes differ only in the text of answers that
// elsewhere would be errors. A POST to the profiler begins a profile; no request changes
// a job.
func (c *Client) Do(
	ctx context.Context, method, pattern string, ids []string, body []byte, limit int64,
) (status int, answer []byte, err error) {
	pattern, query, _ := strings.Cut(pattern, "?")
	r, err := to(pattern, ids...)
	if err != nil {
		return 0, nil, err
	}
	c.requests.WithLabelValues(r.pattern).Inc()
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, answer, err = c.exchange(limited, method, c.base.String()+r.path+queryOf(query), body, limit)
	if err != nil {
		c.failures.WithLabelValues(r.pattern).Inc()
		return 0, nil, c.unreachable(ctx, r.pattern, err)
	}
	return status, answer, nil
}

func queryOf(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}
