package ledger

import (
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Window selects the newest limit entries whose job matches of, with from ≤ id <
// before. The index has the names of jobs only: if two clusters have a job of the same
// name, the entries of the other cluster are read and skipped.
type Window struct {
	of           episode.JobRef
	from, before ulid.ULID
	limit        int
	// Run selects the scale tests of the runs of this name, Vertex the episodes of the vertices of
	// this name; empty selects all.
	Run, Vertex string
}

// NewWindow returns the window of a listing of at most limit entries, at least 1; a zero time is no bound.
func NewWindow(of episode.JobRef, from, to time.Time, limit int) Window {
	w := Window{of: of, from: FirstAt(from), before: FirstAt(to), limit: limit}
	if to.IsZero() {
		w.before = maxULID()
	}
	return w
}

// EndBefore ends a window before the entry with an id, unless the id is empty.
func (w Window) EndBefore(id string) (Window, error) {
	if id == "" {
		return w, nil
	}
	before, err := ParseID(id)
	if err == nil && before.Compare(w.before) < 0 {
		w.before = before
	}
	return w, err
}
