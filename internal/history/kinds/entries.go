// Package kinds stores and lists what the history keeps: episodes with their summaries and findings,
// measurements, epochs, scale tests, evaluations, triages, declined alerts, and pages of metrics.
package kinds

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Entries are the entries of all kinds in a file. Use [New].
type Entries struct {
	file   ledger.File
	limits Limits
}

// Limits are the numbers of entries of a listing: for a limit of 0, and at most.
type Limits struct{ Default, Most int }

// New returns the entries of a file.
func New(file ledger.File, limits Limits) *Entries { return &Entries{file, limits} }

// window returns the window of a listing; a zero time is no bound.
func (s *Entries) window(of episode.JobRef, from, to time.Time, limit int) ledger.Window {
	if limit <= 0 {
		limit = s.limits.Default
	}
	return ledger.NewWindow(of, from, to, min(limit, s.limits.Most))
}
