// Package backups copies the history on a schedule while the sidecar uses it, and keeps the
// newest copies.
package backups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// The names of copies: the time in UTC, so that they sort by age.
const (
	prefix = "flink-sidecar-"
	layout = "20060102T150405Z"
	ending = ".db"
)

// again is the pause after a failed copy.
const again = 10 * time.Minute

// Source is the history.
type Source interface {
	// Began is when the history began in place of a damaged one; zero if it did not. The error
	// says that it ends with the process.
	Began() (time.Time, error)
	// Backup writes a consistent copy and returns its size in bytes.
	Backup(w io.Writer) (int64, error)
}

// Backups makes the copies. It is a prometheus.Collector of them. Use [New].
type Backups struct {
	source Source
	dir    string
	keep   int
	times  cron.Schedule
	log    *slog.Logger
	made   *prometheus.CounterVec
	last   prometheus.Gauge
	// Now is time.Now unless a test sets it.
	Now func() time.Time
}

// New returns the copies of a valid configuration.
func New(cfg history.BackupConfig, source Source, log *slog.Logger) (*Backups, error) {
	times, err := cfg.Times()
	if err != nil {
		return nil, fmt.Errorf("history.backup.schedule: %w", err)
	}
	b := &Backups{
		source: source, dir: cfg.Directory, keep: cfg.Kept(), times: times, log: log.With("component", "backups"), Now: time.Now,
		made: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_history_backups_total",
			Help: "Copies of the history on its schedule, by result: ok or failed.",
		}, []string{"result"}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "flink_sidecar_history_backup_timestamp_seconds",
			Help: "When the newest copy of the history was made, in Unix time; 0 if there is none.",
		}),
	}
	for _, result := range []string{"ok", "failed"} {
		b.made.WithLabelValues(result)
	}
	return b, nil
}

// Describe implements prometheus.Collector.
func (b *Backups) Describe(ch chan<- *prometheus.Desc) {
	b.made.Describe(ch)
	b.last.Describe(ch)
}

// Collect implements prometheus.Collector.
func (b *Backups) Collect(ch chan<- prometheus.Metric) {
	b.made.Collect(ch)
	b.last.Collect(ch)
}

// Run makes the copies until ctx ends. A copy that was due while no sidecar ran is made at
// the start.
func (b *Backups) Run(ctx context.Context) error {
	after := b.Now()
	if newest, found := b.newest(); found {
		after = newest
		b.last.Set(float64(newest.Unix()))
	}
	due := b.times.Next(after)
	for wait.For(ctx, max(0, due.Sub(b.Now()))) == nil {
		at := b.Now()
		began, path, size, err := b.copy(ctx, at)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			b.made.WithLabelValues("failed").Inc()
			b.log.Error("History was not copied; it is tried again", "err", err, "after", again)
			due = at.Add(again)
			continue
		}
		b.made.WithLabelValues("ok").Inc()
		b.last.Set(float64(at.Unix()))
		b.log.Info("History copied", "path", path, "bytes", size, "removed", b.prune(began))
		due = b.times.Next(b.Now())
	}
	return nil
}

// copy writes one copy of a history that began in place of another one, or has always been.
// It appears at its name when it is whole and checked.
func (b *Backups) copy(ctx context.Context, at time.Time) (began time.Time, path string, size int64, err error) {
	if began, err = b.source.Began(); err != nil {
		return began, "", 0, err
	}
	path = filepath.Join(b.dir, prefix+at.UTC().Format(layout)+ending)
	size, err = history.WriteBackup(path, func(w io.Writer) (int64, error) {
		return b.source.Backup(writerUntil{ctx, w})
	})
	return began, path, size, err
}

// writerUntil writes until ctx ends: a large copy must not hold up a sidecar that stops.
type writerUntil struct {
	ctx context.Context
	to  io.Writer
}

// Write implements io.Writer.
func (w writerUntil) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}

// copies are the paths of the copies, oldest first, and of files that a killed process left.
func (b *Backups) copies() (whole, left []string) {
	names, err := filepath.Glob(filepath.Join(b.dir, prefix+"*"))
	if err != nil {
		return nil, nil // the pattern is valid
	}
	for _, path := range names {
		switch _, err := timeOf(path); {
		case err == nil:
			whole = append(whole, path)
		case strings.Contains(filepath.Base(path), ending+".new-"):
			left = append(left, path)
		}
	}
	slices.Sort(whole)
	return whole, left
}

// timeOf is when a copy was made.
func timeOf(path string) (time.Time, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), prefix), ending)
	return time.Parse(layout, name)
}

// newest is the time of the newest copy.
func (b *Backups) newest() (at time.Time, found bool) {
	whole, _ := b.copies()
	if len(whole) == 0 {
		return time.Time{}, false
	}
	at, err := timeOf(whole[len(whole)-1])
	return at, err == nil
}

// prune removes the oldest copies above the number that is kept, and what was left half
// written. It returns the number of removed copies. If the history began in place of a damaged one,
// the copies from before stay: they have what the new ones lack.
func (b *Backups) prune(began time.Time) (removed int) {
	whole, left := b.copies()
	whole = slices.DeleteFunc(whole, func(path string) bool {
		at, _ := timeOf(path)
		return at.Before(began)
	})
	old := whole[:max(0, len(whole)-b.keep)]
	for _, path := range slices.Concat(old, left) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			b.log.Warn("An old copy of the history stays", "err", err)
		}
	}
	return len(old)
}
