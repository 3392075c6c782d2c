package elasticsearch

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
	"sync/atomic"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
	promconfig "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// maxAnswer bounds the size of one answer, in bytes.
	maxAnswer = 16 << 20
	// maxReason bounds the length of a server's message in an error.
	maxReason = 300
)

// The permanent errors of Elasticsearch, in addition to the common ones.
var (
	errNotElasticsearch = synthetic.Permanent("it is not Elasticsearch")
	errNotKeyword       = synthetic.Permanent("its seed field can't be searched")
	errBlocked          = synthetic.Permanent("its index is blocked")
)

// errNoAnswer is the error of a request that may succeed later without a change.
var errNoAnswer = errors.New("no answer now")

// client sends requests to one index. Its errors are for operators.
type client struct {
	address   string // for errors
	index     string
	sink      string // name, for errors
	timeout   time.Duration
	transport *elastictransport.Client
	http      *http.Client
	// known is set after the server has identified itself as Elasticsearch or
	// OpenSearch.
	known atomic.Bool
	// noSource is set if the index does not store the source of documents.
	noSource atomic.Bool
	// named is set when documents of the index do not show their seed.
	named atomic.Bool
}

func newClient(cfg *Config, sink, index string, dial synthetic.DialFunc) (*client, error) {
	var opts []promconfig.HTTPClientOption
	if dial != nil {
		opts = append(opts, promconfig.WithDialContextFunc(promconfig.DialContextFunc(dial)))
	}
	httpClient, err := promconfig.NewClientFromConfig(cfg.HTTP, "elasticsearch", opts...)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w (correct elasticsearch.http)", err)
	}
	urls := make([]*url.URL, len(cfg.URLs))
	for i, raw := range cfg.URLs {
		if urls[i], err = parseURL(raw); err != nil {
			return nil, fmt.Errorf("elasticsearch: %w (correct elasticsearch.urls)", err)
		}
	}
	// A retry uses another node. For the same node, the next poll is the retry.
	retry := elastictransport.WithMaxRetries(len(urls) - 1)
	if len(urls) == 1 {
		retry = elastictransport.WithDisableRetry()
	}
	transport, err := elastictransport.NewClient(
		elastictransport.WithURLs(urls...),
		elastictransport.WithTransport(httpClient.Transport),
		elastictransport.WithUserAgent("flink-sidecar"),
		retry,
	)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch: %w (correct elasticsearch.urls)", err)
	}
	return &client{
		address: strings.Join(cfg.URLs, ", "), index: index, sink: sink,
		timeout: time.Duration(cfg.Timeout), transport: transport, http: httpClient,
	}, nil
}

// close stops the background work of the transport.
func (c *client) close(ctx context.Context) error {
	defer c.http.CloseIdleConnections()
	return c.transport.Close(ctx)
}

// do sends a request and decodes the answer into out, unless out is nil.
func (c *client) do(ctx context.Context, req esapi.Request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := req.Do(ctx, c.transport)
	if err != nil {
		return synthetic.Explain(
			err, errNoAnswer, "elasticsearch: %s does not answer: %v (start it, or correct elasticsearch.urls)",
			c.address, err,
		)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return synthetic.Explain(
			err, errNoAnswer, "elasticsearch: the answer of %s broke off: %v (it is tried again)", c.address, err,
		)
	case len(body) > maxAnswer:
		return fmt.Errorf(
			"elasticsearch: the answer of %s is longer than %d bytes (correct elasticsearch.urls)", c.address,
			maxAnswer,
		)
	}
	if err := c.statusError(ctx, resp, body); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("elasticsearch: the answer of %s can't be read: %w (it is tried again)", c.address, err)
	}
	return nil
}

// statusError explains an answer that is not a success of Elasticsearch.
func (c *client) statusError(ctx context.Context, resp *esapi.Response, body []byte) error {
	reason := reasonOf(body)
	status := fmt.Sprintf("HTTP %d", resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return synthetic.Explain(
			nil, synthetic.ErrNoRight,
			"elasticsearch: %s refuses the credentials: %s%s (set or correct elasticsearch.http)", c.address,
			status, reason,
		)
	case resp.StatusCode == http.StatusForbidden && strings.Contains(reason, blockException):
		return synthetic.Explain(
			nil, errBlocked, "elasticsearch: index %q is blocked: %s%s (remove the block)", c.index, status, reason,
		)
	case resp.StatusCode == http.StatusForbidden:
		return synthetic.Explain(
			nil, synthetic.ErrNoRight,
			"elasticsearch: not authorised for index %q: %s%s (grant the index privileges read and "+
				"view_index_metadata, and delete for cleanup: delete)",
			c.index, status, reason,
		)
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError:
		return synthetic.Explain(
			nil, errNoAnswer, "elasticsearch: %s can't answer now: %s%s (it is tried again)", c.address, status,
			reason,
		)
	case !c.isProduct(ctx, resp):
		return synthetic.Explain(
			nil, errNotElasticsearch,
			"elasticsearch: %s answers, but is not Elasticsearch or OpenSearch: %s, %s (correct elasticsearch.urls)",
			c.address, status, contentType(resp),
		)
	case resp.StatusCode == http.StatusNotFound:
		return synthetic.Explain(
			nil, synthetic.ErrMissing,
			"elasticsearch: index %q does not exist: %s%s (create it, or correct sinks[name=%s].elasticsearch.index)",
			c.index, status, reason, c.sink,
		)
	case resp.IsError():
		return fmt.Errorf(
			"elasticsearch: %s refuses the request: %s%s (see sinks[name=%s].elasticsearch)", c.address, status,
			reason, c.sink,
		)
	}
	return nil
}

func contentType(resp *esapi.Response) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if kind == "" {
		return "no content type"
	}
	return bounded(kind)
}

// reasonOf extracts the message from an error's body: "error" is an object with type
// and reason, or a plain string. Any other form is ignored.
func reasonOf(body []byte) string {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Error) == 0 {
		return ""
	}
	var object struct {
		Type, Reason string
		Causes       []struct{ Type, Reason string } `json:"root_cause"`
	}
	if json.Unmarshal(answer.Error, &object) == nil && object.Type != "" {
		if len(object.Causes) > 0 { // "all shards failed" does not say why
			object.Type, object.Reason = object.Causes[0].Type, object.Causes[0].Reason
		}
		return ", " + bounded(object.Type+": "+object.Reason)
	}
	var text string
	if json.Unmarshal(answer.Error, &text) == nil && text != "" {
		return ", " + bounded(text)
	}
	return ""
}

// bounded shortens a server's message to one line of a log.
func bounded(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxReason {
		text = string(runes[:maxReason]) + "…"
	}
	return text
}
