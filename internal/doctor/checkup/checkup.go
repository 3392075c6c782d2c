// Package checkup repeats the checks of sidecar doctor while the sidecar runs. The last result
// is on /metrics, in the API and on the page.
package checkup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// When the checks are made. The first polls come before the first checks. Whoever repairs a
// fault wants to see it soon, so a failed check is repeated earlier.
const (
	First       = 5 * time.Second
	Every       = 10 * time.Minute
	AfterFailed = time.Minute
)

// maxSays bounds a sentence in the log, in characters.
const maxSays = 500

// Checkup holds the last results. It is a prometheus.Collector of them. Use [New].
type Checkup struct {
	examine func(context.Context) doctor.Report
	now     func() time.Time
	log     *slog.Logger

	mu   sync.Mutex
	last []check.Result
	at   time.Time
}

// New returns a checkup that has not looked yet. Now is the clock of the results.
func New(examine func(context.Context) doctor.Report, now func() time.Time, log *slog.Logger) *Checkup {
	return &Checkup{examine: examine, now: now, log: log.With("component", "checkup")}
}

// Run makes the checks until ctx ends.
func (c *Checkup) Run(ctx context.Context) error {
	for pause := First; wait.For(ctx, pause) == nil; {
		report := c.examine(ctx)
		if ctx.Err() != nil {
			return nil // what was interrupted is no result
		}
		c.take(report.Checks)
		pause = Every
		if !report.Works() {
			pause = AfterFailed
		}
	}
	return nil
}

// take replaces the last results, and logs what changed.
func (c *Checkup) take(results []check.Result) {
	c.mu.Lock()
	before := c.last
	c.last, c.at = results, c.now()
	c.mu.Unlock()
	failed := failures(before)
	for of, r := range failures(results) {
		if _, known := failed[of]; !known {
			c.log.Warn("Check fails", "check", r.Check, "of", r.Of, "says", plaintext.Line(r.Says, maxSays))
		}
		delete(failed, of)
	}
	for _, r := range failed {
		c.log.Info("Check does not fail any more", "check", r.Check, "of", r.Of)
	}
}

// subject is what a check was about.
type subject struct{ check, of string }

func failures(results []check.Result) map[subject]check.Result {
	out := map[subject]check.Result{}
	for _, r := range results {
		if r.State == check.Failed {
			out[subject{r.Check, r.Of}] = r
		}
	}
	return out
}

// Last returns the last results and when they were taken; the zero time if there are none
// yet.
func (c *Checkup) Last() (at time.Time, results []check.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at, c.last
}
