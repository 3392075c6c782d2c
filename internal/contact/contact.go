// Package contact knows how the last request to a server ended.
package contact

import (
	"sync"
	"time"
)

// Contact is the result of the last request to a server. The zero value had no request. It is safe for
// concurrent use.
type Contact struct {
	mu      sync.Mutex
	known   bool
	up      bool
	since   time.Time
	failure error
}

// Note keeps the result of a request. failure is nil if it succeeded; up is also true for a failure that
// is no fault of the server.
func (c *Contact) Note(at time.Time, up bool, failure error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || c.up != up {
		c.since = at
	}
	c.known, c.up, c.failure = true, up, failure
}

// Up reports whether the server answered the last request; known is false before the first.
func (c *Contact) Up() (up, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up, c.known
}

// Failure returns why the last request failed, and since when requests have had this result. It is nil
// after one that succeeded.
func (c *Contact) Failure() (since time.Time, failure error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since, c.failure
}
