package flink

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// The kinds of failure that are not an answer of Flink.
var (
	// ErrUnreachable means that no complete answer came.
	ErrUnreachable = errors.New("unreachable")
	// ErrNotFlink means that what answers is not a JobManager.
	ErrNotFlink = errors.New("not Flink")
	// ErrBroken means that Flink's answer cannot be read.
	ErrBroken = errors.New("broken answer")
)

// StatusError is an answer with a status that is not a success.
type StatusError struct {
	// Endpoint is the pattern of the path, for example "/jobs/:jobid".
	Endpoint string
	// Code is the HTTP status.
	Code int
	// Cause is the one line of the answer that says what went wrong, at most 300
	// characters; empty if there is none.
	Cause string
}

// Error returns the answer and what to do.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("flink: %s answered %d %s", e.Endpoint, e.Code, http.StatusText(e.Code))
	if e.Cause != "" {
		text += ": " + e.Cause
	}
	return text + " (" + e.fix() + ")"
}

func (e *StatusError) fix() string {
	switch {
	case e.Code == http.StatusUnauthorized:
		return "set the credentials in flink.http, or renew them"
	case e.Code == http.StatusForbidden:
		return "allow the credentials in flink.http to read this path"
	case e.Code >= 300 && e.Code <= 399:
		return "set the credentials in flink.http, or correct flink.url: the server asks for a login, or Flink " +
			"has moved"
	case e.Code == http.StatusNotFound:
		return "it may have ended, or this Flink does not offer it"
	case e.Code >= 500:
		return "see the JobManager's log"
	default:
		return "check that flink.url is the JobManager's REST address"
	}
}

// NotFound reports whether Flink answered that the object does not exist: a job that
// ended, or checkpoints of a job that takes none.
func NotFound(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && status.Code == http.StatusNotFound
}

// unreachable explains why no complete answer came from the server at base.
func (c *Client) unreachable(ctx context.Context, endpoint string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("flink: %s: %w", endpoint, ctx.Err())
	}
	if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		return fmt.Errorf("flink: %s is %w: %s gave no complete answer within %s "+
			"(the JobManager may be overloaded or stuck: see its log, or raise flink.timeout)",
			c.URL(), ErrUnreachable, endpoint, c.timeout)
	}
	reason, fix := diagnose(err)
	return fmt.Errorf("flink: %s is %w: %s (%s)", c.URL(), ErrUnreachable, reason, fix)
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// diagnose reduces an error of net/http to what it means for an operator.
func diagnose(err error) (reason, fix string) {
	var (
		dns    *net.DNSError
		record tls.RecordHeaderError
		remote *net.OpError
		file   *fs.PathError
	)
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return plaintext.Line(certificate.Error(), maxCause), fixOfCertificate(certificate)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused", "check flink.url, and that the JobManager runs"
	case errors.As(err, &dns):
		return "unknown host " + plaintext.Line(dns.Name, maxCause), "check flink.url"
	case errors.As(err, &record), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return "it does not speak TLS", "begin flink.url with http://"
	case errors.As(err, &remote) && remote.Op == "remote error":
		return plaintext.Line(remote.Error(), maxCause),
			"set flink.http.tls_config.cert_file to a client certificate that the server trusts"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection was cut during the answer", "check the JobManager and any proxy before it"
	case errors.As(err, &file):
		return plaintext.Line(withoutURL(err), maxCause), "let the sidecar read the file, or correct flink.http"
	default:
		return plaintext.Line(withoutURL(err), maxCause), "check flink.url and flink.http"
	}
}

// fixOfCertificate says what to do about a server certificate that is not valid.
func fixOfCertificate(err error) string {
	var (
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &host):
		return "correct flink.url, or set flink.http.tls_config.server_name to a name in the certificate"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "renew the server's certificate, or correct the clock of this machine"
	}
	return "check flink.http.tls_config.ca_file"
}

// withoutURL is the text of err without the URL that net/http puts before it.
func withoutURL(err error) string {
	if request, ok := errors.AsType[*url.Error](err); ok {
		return request.Err.Error()
	}
	return err.Error()
}

func (c *Client) notFlink(evidence string) error {
	return fmt.Errorf("flink: %s answers, but is %w: %s "+
		"(set flink.url to the JobManager's REST address, usually port 8081)",
		c.URL(), ErrNotFlink, evidence)
}

// refused turns an unsuccessful answer into an error.
func (c *Client) refused(endpoint string, code int, body []byte) error {
	var answer struct {
		Errors []string `json:"errors"`
	}
	err := json.Unmarshal(body, &answer)
	if code == http.StatusNotFound && (err != nil || answer.Errors == nil) {
		return c.notFlink(fmt.Sprintf("%s answered 404 without Flink's list of errors", endpoint))
	}
	return &StatusError{Endpoint: endpoint, Code: code, Cause: RootCause(strings.Join(answer.Errors, "\n"), maxCause)}
}

// maxCause bounds the text of a failure, in characters.
const maxCause = 300

// wrapping is what Flink writes around the text that says what went wrong.
const wrapping = "Internal server error."

// RootCause finds, in a text from Flink, which is often a whole Java stack trace, the
// line that says what went wrong: the last "Caused by:", or else the first line that is
// not a frame of the trace or its wrapping. The line is printable and has at most limit
// characters. Empty if there is none.
func RootCause(text string, limit int) string {
	const marker = "Caused by: "
	if at := strings.LastIndex(text, marker); at >= 0 {
		line, _, _ := strings.Cut(text[at+len(marker):], "\n")
		return plaintext.Line(line, limit)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "at "), strings.HasPrefix(line, "<Exception on server side"):
		case line == wrapping && text != wrapping:
		default:
			return plaintext.Line(line, limit)
		}
	}
	return ""
}

// looksLikeHTML reports whether a body is a page for people.
func looksLikeHTML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\ufeff"), []byte("<"))
}
