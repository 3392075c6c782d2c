package server

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// How many connections are open at a time: the limit of open files less what history and
// the clients of Flink, Kafka, Elasticsearch and Grafana need, and never more than memory
// is planned for.
const (
	mostConnections   = 2048
	leastConnections  = 16
	reservedFiles     = 96
	slowRequest       = time.Second
	slowAnswer        = 5 * time.Second
	readHeadersWithin = 10 * time.Second
)

// connectionLimit is the limit for this process.
func connectionLimit() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur > mostConnections+reservedFiles {
		return mostConnections
	}
	return max(leastConnections, int(files.Cur)-reservedFiles)
}

// phase is what a connection is doing.
type phase int

const (
	reading   phase = iota // its headers or a body are awaited
	idle                   // the next request is awaited
	answering              // a handler works, or the answer is on its way
)

// connections keeps the number of open connections below a limit: at the limit, the one
// that has been reading or idle longest makes room for a new one, so that a scrape always
// finds a place.
type connections struct {
	net.Listener

	limit   int
	evicted func()

	mu   sync.Mutex
	open map[*conn]struct{}
}

func newConnections(l net.Listener, limit int, evicted func()) *connections {
	return &connections{Listener: l, limit: limit, evicted: evicted, open: map[*conn]struct{}{}}
}

// conn is a connection that is tracked. A nil one, of a test, is not.
type conn struct {
	net.Conn

	of *connections
	// The rest is guarded by of.mu.
	phase    phase
	since    time.Time
	requests int // handlers at work: more than one with HTTP/2
	bodies   int // of them, those whose body has not arrived
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: accepted, of: l, since: time.Now()}
		if l.add(c) {
			return c, nil
		}
		_ = accepted.Close() // it was never used
	}
}

// add takes a connection in and, at the limit, closes another.
func (l *connections) add(c *conn) bool {
	l.mu.Lock()
	var victim *conn
	if len(l.open) >= l.limit {
		if victim = l.victim(c.since); victim == nil {
			l.mu.Unlock()
			l.evicted()
			return false
		}
		delete(l.open, victim)
	}
	l.open[c] = struct{}{}
	l.mu.Unlock()
	if victim != nil {
		l.evicted()
		_ = victim.Conn.Close() // its client sees that it is closed
	}
	return true
}

// victim is the connection to close: one that has been reading or idle for a while, the
// longest first. Where there is none, an idle one, whose client can open another without
// losing anything; then a young one that is reading; then one that takes its answer slowly.
func (l *connections) victim(now time.Time) *conn {
	var best *conn
	for c := range l.open {
		if c.rank(now) < kept && (best == nil || c.before(best, now)) {
			best = c
		}
	}
	return best
}

// kept is the rank of a connection that is not closed for another one.
const kept = 4

// rank orders connections by how little is lost with them.
func (c *conn) rank(now time.Time) int {
	age := now.Sub(c.since)
	switch {
	case c.phase != answering && age > slowRequest:
		return 0
	case c.phase == idle:
		return 1
	case c.phase == reading:
		return 2
	case age > slowAnswer:
		return 3
	}
	return kept
}

func (c *conn) before(other *conn, now time.Time) bool {
	a, b := c.rank(now), other.rank(now)
	return a < b || a == b && c.since.Before(other.since)
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// change runs f with the lock held and notes when the phase changed.
func (c *conn) change(f func()) {
	if c == nil {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	f()
	next := c.phase
	switch {
	case c.requests > c.bodies:
		next = answering
	case c.requests > 0:
		next = reading
	case next == answering:
		next = idle // net/http reports it in a moment
	}
	if next != c.phase {
		c.phase, c.since = next, time.Now()
	}
}

// enter notes that a request has arrived; leave that it is answered.
func (c *conn) enter(withBody bool) (leave func()) {
	if c == nil {
		return func() {}
	}
	c.change(func() {
		c.requests++
		if withBody {
			c.bodies++
		}
	})
	return func() {
		c.change(func() {
			c.requests--
			c.bodies = min(c.bodies, c.requests)
		})
	}
}

// bodyRead notes that a request's body has arrived.
func (c *conn) bodyRead() {
	c.change(func() { c.bodies = max(0, c.bodies-1) })
}

// stateChanged is http.Server's hook.
func stateChanged(raw net.Conn, state http.ConnState) {
	c := tracked(raw)
	if c == nil {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	next := c.phase
	switch {
	case c.requests > 0:
	case state == http.StateActive:
		next = reading
	case state == http.StateIdle:
		next = idle
	}
	if next != c.phase {
		c.phase, c.since = next, time.Now()
	}
}

// tracked finds the connection below TLS.
func tracked(raw net.Conn) *conn {
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	c, _ := raw.(*conn)
	return c
}

type connKey struct{}

// withConn is http.Server's hook that lets a request find its connection.
func withConn(ctx context.Context, raw net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, tracked(raw))
}

func connOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}
