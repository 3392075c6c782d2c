package server

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

// run serves until the test ends.
func (s *Server) runFor(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
}

// dial opens a connection and writes text to it.
func (s *Server) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, text)
	require.NoError(t, err)
	return c
}

// shorten divides every limit, so that a test need not wait.
func (s *Server) shorten(by time.Duration) {
	s.first.read /= by
	s.first.write /= by
	for i := range s.routes {
		s.routes[i].read /= by
		s.routes[i].write /= by
	}
}

// reader is a handler that reads its body, as the API does.
var reader = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
})

const slowPost = "POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
	"application/json\r\nContent-Length: 1000\r\n\r\n{"

func (s *Server) scrape(t *testing.T) (took time.Duration) {
	t.Helper()
	began := time.Now()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/metrics", nil)
	require.NoError(t, err)
	r.Close = true
	r.SetBasicAuth("alice", "fakepassword")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	return time.Since(began)
}

// TestSlowBodiesAreClosed has a thousand clients send one byte of a body each, with and
// without passwords and on a route that takes no body, and scrapes meanwhile.
func TestSlowBodiesAreClosed(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  Config
		send string
	}{
		"a POST":                  {send: slowPost},
		"a POST behind passwords": {send: slowPost, cfg: Config{ConfigFile: webFileOf(t, password)}},
		"a GET with a body":       {send: "GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"},
		"headers without an end":  {send: "POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nX: "},
		"nothing":                 {send: ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := test.cfg
			cfg.ListenAddress = "127.0.0.1:0"
			s, err := Listen(t.Context(), cfg, discard)
			require.NoError(t, err)
			s.shorten(20)
			s.http.ReadHeaderTimeout /= 20
			s.connections.limit = 100
			h := fakes()
			h.API = reader
			s.Handle(newRegistry(s), h)
			s.runFor(t)
			s.scrape(t) // exporter-toolkit remembers a password that was right once
			began := time.Now()
			var slow []net.Conn
			for range 1000 {
				slow = append(slow, s.dial(t, test.send))
			}
			var took []time.Duration
			for range 5 {
				took = append(took, s.scrape(t))
			}
			slices.Sort(took)
			require.Less(t, took[2], 250*time.Millisecond)
			require.LessOrEqual(t, s.connections.count(), 100)
			for _, c := range slow {
				require.NoError(t, c.SetReadDeadline(began.Add(10*time.Second)))
				_, err := io.Copy(io.Discard, c)
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "it is still open")
			}
			require.GreaterOrEqual(t, testutil.ToFloat64(s.metrics.evicted), 900.0)
		})
	}
}

// TestARefusalDoesNotWaitForTheBody of who has no password, or no token.
func TestARefusalDoesNotWaitForTheBody(t *testing.T) {
	h := fakes()
	h.API = reader
	h.Webhook = http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request,
	) {
		w.WriteHeader(http.StatusUnauthorized)
	})
	for name, test := range map[string]struct {
		cfg  Config
		path string
	}{
		"password": {Config{ConfigFile: webFileOf(t, password)}, "/api/v1/pause"},
		"token":    {Config{}, "/alertmanager/webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			s := listen(t, test.cfg, h)
			s.runFor(t)
			began := time.Now()
			c := s.dial(t, strings.Replace(slowPost, "/api/v1/pause", test.path, 1))
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			require.NoError(t, err)
			defer answer.Body.Close()
			require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
			require.Less(t, time.Since(began), lingerWithin/2, "it was sent at once")
			_, err = io.Copy(io.Discard, c)
			require.NoError(t, err, "it is closed")
			require.Less(t, time.Since(began), 5*time.Second)
		})
	}
}

// TestAnAnswerThatNobodyReadsIsGivenUp sends a large page to a client that does not read.
func TestAnAnswerThatNobodyReadsIsGivenUp(t *testing.T) {
	h := fakes()
	gaveUp := make(chan error, 1)
	h.Page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for {
			if _, err := w.Write(chunk); err != nil {
				gaveUp <- err
				return
			}
		}
	})
	s := listen(t, Config{}, h)
	s.shorten(200)
	s.Handle(newRegistry(s), h)
	s.runFor(t)
	s.dial(t, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	select {
	case err := <-gaveUp:
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	case <-time.After(10 * time.Second):
		t.Fatal("the answer is still being written")
	}
}

// TestALongAnswerOutlivesTheLimitOfItsBody: the limit ends with the body.
func TestALongAnswerOutlivesTheLimitOfItsBody(t *testing.T) {
	h := fakes()
	h.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reader(w, r)
		select {
		case <-r.Context().Done():
		case <-time.After(300 * time.Millisecond):
			w.WriteHeader(http.StatusTeapot)
		}
	})
	s := listen(t, Config{}, h)
	for i := range s.routes {
		s.routes[i].read = 50 * time.Millisecond
	}
	s.Handle(newRegistry(s), h)
	s.runFor(t)
	c := s.dial(t, "POST /api/v1/probe/rounds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusTeapot, answer.StatusCode)
	require.Empty(t, answer.Header.Get("Connection"), "a connection whose body was read is kept")
}

// TestManyScrapers gather once and are sent the same bytes.
func TestManyScrapers(t *testing.T) {
	s := listen(t, Config{}, fakes())
	reg := newRegistry(s)
	counting := &countingCollector{series: 5000}
	reg.MustRegister(counting)
	s.Handle(reg, fakes())
	s.runFor(t)
	began := time.Now()
	var clients sync.WaitGroup
	for range 200 {
		clients.Go(func() {
			c, err := net.Dial("tcp", s.listener.Addr().String()) //nolint:noctx // in a goroutine
			if err != nil {
				return
			}
			defer c.Close()
			_, _ = io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		})
	}
	clients.Wait()
	seconds := int(time.Since(began)/time.Second) + 1
	require.LessOrEqual(t, counting.count(), seconds, "at most once a second")
	runtime.KeepAlive(reg)
}

// TestAbortedScrapesLogOneLine: it was one for each of a thousand families.
func TestAbortedScrapesLogOneLine(t *testing.T) {
	var out safeBuffer
	s := listen(t, Config{}, fakes())
	s.log = newTextLog(&out)
	reg := newRegistry(s)
	reg.MustRegister(&countingCollector{series: 2000, label: strings.Repeat("x", 8<<10)})
	s.Handle(reg, fakes())
	s.runFor(t)
	for range 20 {
		c := s.dial(t, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, c.(*net.TCPConn).SetLinger(0))
		_, err := io.ReadFull(c, make([]byte, 16))
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
	require.Eventually(t, func() bool { return s.connections.count() == 0 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, bytes.Count([]byte(out.String()), []byte("Scrape ended before its answer was sent")),
		out.String())
}

// TestTheServersOwnLogIsOurs and has a limit.
func TestTheServersOwnLogIsOurs(t *testing.T) {
	var out safeBuffer
	errors := newErrorLog(newTextLog(&out))
	for i := range 1000 {
		errors.Printf("http: TLS handshake error %d", i)
	}
	require.Equal(t, 10, bytes.Count([]byte(out.String()), []byte("HTTP server")), out.String())
	require.Contains(t, out.String(), "level=WARN")
}
