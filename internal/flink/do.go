package flink

import "context"

// Do sends one request to the endpoint that pattern and ids name, with body as
// JSON unless it is empty, and returns the status, whatever it is, and at most
// limit bytes of the answer. An error means that no complete answer came.
//
// It is for the profiler, whose outcomes are told apart by the text of answers
// that elsewhere would be errors. A POST to it begins a profile; nothing here
// changes a job.
func (c *Client) Do(ctx context.Context, method, pattern string, ids []string, body []byte, limit int64) (status int, answer []byte, err error) {
	r, err := to(pattern, ids...)
	if err != nil {
		return 0, nil, err
	}
	c.requests.WithLabelValues(r.pattern).Inc()
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, answer, err = c.exchange(limited, method, c.base.String()+r.path, body, limit)
	if err != nil {
		c.failures.WithLabelValues(r.pattern).Inc()
		return 0, nil, c.unreachable(ctx, r.pattern, err)
	}
	return status, answer, nil
}
