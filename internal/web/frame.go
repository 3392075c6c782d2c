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
	// Root is the relative path to the root of the pages, so that all links work behind a
	// proxy that serves the pages below a path of its own.
	Root string
	// Final pages do not change any more, and do not reload.
	Final bool
	// Several is true if the sidecar polls more than one cluster: then cluster names are
	// shown.
	Several bool
	now     time.Time
}

// several reports whether a status has more than one cluster.
func several(s api.Status) bool { return len(s.Clusters) > 1 }

// Home is the link to the page at /.
func (f frame) Home() string { return f.Root + "./" }

// Now is when the page was made.
func (f frame) Now() time.Time { return f.now }

// Ago is the time since a moment, in words.
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

// For is how long something has lasted that began at a moment.
func (f frame) For(since time.Time) string { return length(max(0, f.now.Sub(since).Seconds())) }

// wayUp is the Root of the page at u.
func wayUp(u *url.URL) string {
	return strings.Repeat("../", max(0, strings.Count(u.EscapedPath(), "/")-1))
}

// messageView is a page with a message only.
type messageView struct {
	frame
	Text string
}
