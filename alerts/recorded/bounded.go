package recorded

import (
	"errors"
	"io"
	"net/http"
)

// maxAnswer bounds the answer to one request, in bytes.
const maxAnswer = 256 << 20

// bounded refuses answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip bounds the body of the answer.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &limited{response.Body, maxAnswer}
	}
	return response, err
}

// CloseIdleConnections closes those of the transport.
func (b bounded) CloseIdleConnections() {
	if closer, ok := b.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// errTooLong says how to get less.
var errTooLong = errors.New("the answer is longer than 256 MiB (drop series of the sidecar that you do not need)")

// limited is a body of which at most so many bytes are read.
type limited struct {
	io.ReadCloser
	left int64
}

// Read fails after the last byte that is allowed.
func (l *limited) Read(into []byte) (int, error) {
	n, err := l.ReadCloser.Read(into)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLong
	}
	return n, err
}
