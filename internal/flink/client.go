package flink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// maxBody bounds an answer. The largest one of a poll, a job's details, is about 1.5 KB
// per vertex.
const maxBody = 8 << 20

// Client sends requests to one JobManager. It is safe for concurrent use. It is a
// prometheus.Collector of its requests, which shows what the sidecar costs the
// JobManager.
type Client struct {
	base     *url.URL
	cluster  string
	timeout  time.Duration
	http     *http.Client
	requests *prometheus.CounterVec
	failures *prometheus.CounterVec
}

var _ prometheus.Collector = (*Client)(nil)

// New returns a client for a valid configuration. It sends no request yet.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("flink: flink.url is not a URL (set it to the JobManager's REST address)")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	client, err := config.NewClientFromConfig(cfg.HTTP, "flink")
	if err != nil {
		return nil, fmt.Errorf("flink: %w (check flink.http)", err)
	}
	if cfg.HTTP.FollowRedirects {
		client.CheckRedirect = redirect.SameHost
	}
	cluster := cfg.ClusterName()
	return &Client{
		base:    base,
		cluster: cluster,
		timeout: time.Duration(cfg.Timeout),
		http:    client,
		requests: counterOf(cluster, "flink_sidecar_flink_requests_total",
			"Requests to Flink's REST API by endpoint, with any result."),
		failures: counterOf(cluster, "flink_sidecar_flink_request_failures_total",
			"Requests to Flink's REST API without a usable answer, by endpoint."),
	}, nil
}

// counterOf adds the cluster as a constant label, so that the clients of several clusters
// can be registered together.
func counterOf(cluster, name, help string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: name, Help: help, ConstLabels: prometheus.Labels{"cluster": cluster},
	}, []string{"endpoint"})
}

// URL is the address of the JobManager, without credentials.
func (c *Client) URL() string { return c.base.Redacted() }

// Cluster is the name of the cluster for labels and history.
func (c *Client) Cluster() string { return c.cluster }

// CloseIdleConnections closes the connections that are kept for later requests.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Describe implements prometheus.Collector.
func (c *Client) Describe(ch chan<- *prometheus.Desc) {
	c.requests.Describe(ch)
	c.failures.Describe(ch)
}

// Collect implements prometheus.Collector.
func (c *Client) Collect(ch chan<- prometheus.Metric) {
	c.requests.Collect(ch)
	c.failures.Collect(ch)
}

// route is one endpoint with its identifiers filled in.
type route struct {
	pattern string // the label: "/jobs/:jobid"
	path    string // escaped: "/jobs/a38a…"
}

// to fills the ":name" segments of pattern with ids, in order. Identifiers come from
// outside, so each must stay within its own segment.
func to(pattern string, ids ...string) (route, error) {
	var path strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		if strings.HasPrefix(segment, ":") {
			id := ids[0]
			ids = ids[1:]
			if id == "" || id == "." || id == ".." {
				return route{}, fmt.Errorf("flink: %s: %q is not an id (use one that Flink listed)", pattern, id)
			}
			segment = url.PathEscape(id)
		}
		path.WriteString("/" + segment)
	}
	return route{pattern: pattern, path: path.String()}, nil
}

// read sends a request to the endpoint of pattern and ids and decodes the answer.
func (c *Client) read(ctx context.Context, into any, pattern string, ids ...string) error {
	r, err := to(pattern, ids...)
	if err != nil {
		return err
	}
	return c.get(ctx, r, "", into)
}

// get sends a request for r with an already escaped query and decodes the answer into
// into.
func (c *Client) get(ctx context.Context, r route, query string, into any) error {
	c.requests.WithLabelValues(r.pattern).Inc()
	err := c.ask(ctx, r, query, into)
	if err != nil {
		c.failures.WithLabelValues(r.pattern).Inc()
	}
	return err
}

func (c *Client) ask(ctx context.Context, r route, query string, into any) error {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	code, body, err := c.fetch(limited, r, query)
	if err != nil {
		if errors.Is(err, ErrBroken) {
			return err
		}
		return c.unreachable(ctx, r.pattern, err)
	}
	if code < 200 || code > 299 {
		return c.refused(r.pattern, code, body)
	}
	return c.decode(r.pattern, body, into)
}

// fetch reads r and returns the whole body, which is bounded.
func (c *Client) fetch(ctx context.Context, r route, query string) (code int, body []byte, err error) {
	address := c.base.String() + r.path
	if query != "" {
		address += "?" + query
	}
	code, body, err = c.exchange(ctx, http.MethodGet, address, nil, maxBody+1)
	if err != nil {
		return 0, nil, err
	}
	if len(body) > maxBody {
		return 0, nil, fmt.Errorf("flink: %s gave a %w: more than %d MiB "+
			"(check that flink.url is the JobManager's REST address)",
			r.pattern, ErrBroken, maxBody>>20)
	}
	return code, body, nil
}

// exchange sends one request, with body as JSON if there is one, and returns at
// most limit bytes of the answer.
func (c *Client) exchange(
	ctx context.Context, method, address string, body []byte, limit int64,
) (code int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	// A failure to close a body that was read loses nothing.
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, limit))
	return resp.StatusCode, answer, err
}

func (c *Client) decode(endpoint string, body []byte, into any) error {
	err := json.Unmarshal(body, into)
	switch {
	case err == nil:
		return nil
	case looksLikeHTML(body):
		return c.notFlink(endpoint + " gave an HTML page")
	default:
		return fmt.Errorf("flink: %s gave a %w: %s (check the JobManager and any proxy before it)",
			endpoint, ErrBroken, plaintext.Line(err.Error(), maxCause))
	}
}
