package grafana

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// Kinds of failure, for errors.Is.
var (
	// ErrAuth is the cause of 401 and 403: the token or its role.
	ErrAuth = errors.New("access denied")
	// ErrNotGrafana is the cause of answers that Grafana does not give.
	ErrNotGrafana = errors.New("this is not Grafana")
	// ErrNoDashboard is the cause of a 500 for a dashboard that does not exist.
	ErrNoDashboard = errors.New("no such dashboard")
	// ErrNoToken is the cause of a token that cannot be read.
	ErrNoToken = errors.New("no token")
	// errNotFound is a 404 for an annotation: a person deleted it.
	errNotFound = errors.New("not found")
)

// Error is a request that failed.
type Error struct {
	// Op is the attempted operation, for example "posting an annotation".
	Op string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Message is Grafana's message, bounded.
	Message string
	// Hint says what to do.
	Hint string
	// Cause is one of the errors above, or the error of the HTTP client.
	Cause error
}

// Error implements error.
func (e *Error) Error() string {
	what := e.Message
	if e.Status != 0 {
		what = fmt.Sprintf("status %d: %s", e.Status, e.Message)
	}
	return fmt.Sprintf("grafana: %s: %s (%s)", e.Op, what, e.Hint)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Retryable reports whether the same call may succeed later without any change: Grafana
// was unreachable, or overloaded. A plain 500 is excluded; it is also the answer to an
// unknown dashboard.
func Retryable(err error) bool {
	var failed *Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case 0:
		return !errors.Is(err, ErrCapped) && !errors.Is(err, ErrNoToken) && !errors.Is(err, ErrNotGrafana) && !errors.Is(err, redirect.ErrRefused)
	}
	return false
}

// client makes requests.
type client struct {
	cfg  Config
	http *http.Client
}

func newClient(cfg Config) (*client, error) {
	c, err := commoncfg.NewClientFromConfig(cfg.HTTP, "grafana")
	if err != nil {
		return nil, fmt.Errorf("grafana.http: %w", err)
	}
	c.CheckRedirect = redirect.Refuse
	return &client{cfg: cfg, http: c}, nil
}

// maxAnswer bounds how much of an answer is read, in bytes, and maxMessage how much of an
// error is repeated, in characters.
const (
	maxAnswer  = 1 << 20
	maxMessage = 200
)

// call makes one request; in and out may be nil.
func (c *client) call(ctx context.Context, op, method, path string, query url.Values, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.cfg.Timeout))
	defer cancel()
	request, err := c.request(ctx, method, path, query, in)
	if err != nil {
		return &Error{
			Op: op, Message: err.Error(), Hint: "check grafana.token_file or token_env",
			Cause: fmt.Errorf("%w: %w", ErrNoToken, err),
		}
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unanswered(ctx, op, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return c.unanswered(ctx, op, err)
	}
	if response.StatusCode != http.StatusOK {
		return c.refused(op, response.StatusCode, body)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return &Error{
			Op: op, Message: "the answer is not Grafana's JSON", Hint: "check grafana.url",
			Cause: ErrNotGrafana,
		}
	}
	return nil
}

func (c *client) request(ctx context.Context, method, path string, query url.Values, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	target := strings.TrimRight(c.cfg.URL, "/") + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	token, err := c.token()
	if err == nil && token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, err
}

// maxToken bounds the file of a token, in bytes.
const maxToken = 8 << 10

// token reads the token; it is empty when none is configured.
func (c *client) token() (string, error) {
	var raw string
	switch {
	case c.cfg.TokenFile != "":
		file, err := os.Open(c.cfg.TokenFile)
		if err != nil {
			return "", err
		}
		defer func() { _ = file.Close() }() // it was opened for reading
		text, err := io.ReadAll(io.LimitReader(file, maxToken))
		if err != nil {
			return "", err
		}
		raw = string(text)
	case c.cfg.TokenEnv != "":
		raw = os.Getenv(c.cfg.TokenEnv)
	default:
		return "", nil
	}
	token := strings.TrimSpace(raw)
	if token == "" || strings.ContainsAny(token, "\r\n") {
		return "", errors.New("it does not hold a token in one line")
	}
	return token, nil
}

// awayHint is for a Grafana that does not answer, logHint for one that does not say why.
const (
	awayHint = "check grafana.url, and that Grafana runs"
	logHint  = "see Grafana's log"
)

func (c *client) unanswered(ctx context.Context, op string, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without method and address, which the message already has
	}
	hint := awayHint
	switch {
	case errors.Is(err, redirect.ErrRefused):
		hint = "set grafana.url to the target of the redirect, possibly https"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		hint = "raise grafana.timeout, or find out why Grafana is slow"
	}
	return &Error{Op: op, Message: err.Error(), Hint: hint, Cause: err}
}

func (c *client) refused(op string, status int, body []byte) error {
	failed := &Error{
		Op: op, Status: status, Message: cmp.Or(messageOf(body), http.StatusText(status)), Hint: logHint,
	}
	switch {
	case status == http.StatusTooManyRequests:
		failed.Hint = "raise the limit of requests of Grafana's proxy, or lower grafana.max_per_hour"
	case Retryable(failed): // a proxy answers in the place of Grafana
		failed.Hint = awayHint
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		failed.Cause, failed.Hint = ErrAuth, "check the token and its role: Editor is needed"
	case status == http.StatusNotFound && failed.Message != notFoundMessage:
		failed.Cause, failed.Hint = ErrNotGrafana, "check grafana.url"
	case status == http.StatusNotFound:
		failed.Cause = errNotFound
	case status == http.StatusInternalServerError && c.cfg.DashboardUID != "":
		failed.Hint = fmt.Sprintf("does dashboard %q exist? see grafana.dashboard_uid", c.cfg.DashboardUID)
	}
	return failed
}

// explained finds out whether a 500 is about a dashboard that does not exist: Grafana does not
// say so.
func (c *client) explained(ctx context.Context, failed *Error) *Error {
	known, err := c.hasDashboard(ctx)
	if known {
		failed.Hint = logHint
	}
	if known || err != nil {
		return failed
	}
	failed.Cause = ErrNoDashboard
	failed.Hint = fmt.Sprintf("dashboard %q does not exist: correct grafana.dashboard_uid, or restore it",
		c.cfg.DashboardUID)
	return failed
}

// hasDashboard reports whether the configured dashboard exists; true if none is configured.
func (c *client) hasDashboard(ctx context.Context) (bool, error) {
	if c.cfg.DashboardUID == "" {
		return true, nil
	}
	err := c.call(ctx, "looking for the dashboard", http.MethodGet,
		"/api/dashboards/uid/"+url.PathEscape(c.cfg.DashboardUID), nil, nil, nil)
	if failed, ok := errors.AsType[*Error](err); ok && failed.Status == http.StatusNotFound &&
		failed.Message == noDashboardMessage {
		return false, nil
	}
	return err == nil, err
}

// noDashboardMessage is Grafana's answer to an unknown dashboard.
const noDashboardMessage = "Dashboard not found"

// notFoundMessage distinguishes a deleted annotation from an address that is not
// Grafana's.
const notFoundMessage = "Annotation not found"

// messageOf extracts Grafana's message from the body of an error.
func messageOf(body []byte) string {
	var answer struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Message == "" {
		answer.Message = string(body)
	}
	return plaintext.Paragraph(answer.Message, maxMessage)
}
