package server

import (
	"io"
	"net/http"
	"time"
)

// lingerWithin is how long the rest of a body that no handler wanted is waited for.
const lingerWithin = 500 * time.Millisecond

// begin has a request tracked and sets its first time limits, before it is authenticated;
// the entry of its route sets others later. What it returns is called at the end.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) (end func()) {
	conn := connOf(r)
	body := hasBody(r)
	within(w, r, s.first.read, s.first.write)
	leave := conn.enter(body)
	if !body {
		return leave
	}
	if r.ProtoMajor == 1 {
		// Otherwise net/http waits for the body before it sends a refusal.
		w.Header().Set("Connection", "close")
	}
	tracked := &trackedBody{ReadCloser: r.Body, done: func() {
		conn.bodyRead()
		w.Header().Del("Connection") // net/http lifts the time limit itself
	}}
	r.Body = tracked
	return func() {
		if !tracked.ended {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingerWithin))
		}
		leave()
	}
}

// within bounds how long a client may take over its body and over the answer. Not every
// connection of a test has deadlines; those of the server have.
func within(w http.ResponseWriter, r *http.Request, read, write time.Duration) {
	control, now := http.NewResponseController(w), time.Now()
	if hasBody(r) {
		_ = control.SetReadDeadline(now.Add(read))
	}
	_ = control.SetWriteDeadline(now.Add(write))
}

// trackedBody calls done when a body has been read to its end.
type trackedBody struct {
	io.ReadCloser

	done  func()
	ended bool
}

// Read implements io.Reader.
func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && !b.ended { //nolint:errorlint // a reader returns io.EOF itself
		b.ended = true
		b.done()
	}
	return n, err
}
