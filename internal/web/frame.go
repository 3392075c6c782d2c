package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// frame is what every page has.
type frame struct {
	// Title is what the page is about.
	Title string
	// Root leads to where the pages begin, relative to this one, so that all links
	// hold behind a proxy which serves them below a path of its own.
	Root string
	// Final pages don't change any more, and don't reload.
	Final bool
	// Several: the sidecar looks at more than one cluster, so that whatever is of
	// one bears its name.
	Several bool
	now     time.Time
}

// several tells whether a status is of more than one cluster.
func several(s api.Status) bool { return len(s.Clusters) > 1 }

// Home is the way to the page at /.
func (f frame) Home() string { return f.Root + "./" }

// Now is when the page was made.
func (f frame) Now() time.Time { return f.now }

// Ago says how long ago a moment was.
func (f frame) Ago(t time.Time) string {
	switch past := f.now.Sub(t); {
	case t.IsZero():
		return unknown
	case past < 0:
		return "just now"
	default:
		return length(past.Seconds()) + " ago"
	}
}

// wayUp is the Root of the page at u.
func wayUp(u *url.URL) string {
	return strings.Repeat("../", max(0, strings.Count(u.EscapedPath(), "/")-1))
}

// messageView is a page that says why there is no other.
type messageView struct {
	frame
	Text string
}
