package pagestore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// sweepEvery is the time between two sweeps.
	sweepEvery = 24 * time.Hour
	// Fresh is how long a page is safe from removal: the episode that took it may not
	// have stored its hash yet.
	Fresh = time.Hour
	// pageEnding is the ending of pages, leftoverEnding the ending of files that were
	// being written when the sidecar was killed.
	pageEnding, leftoverEnding = ".html.gz", ".tmp"
)

// Why a page was removed.
const (
	byAge  = "age"
	bySize = "size"
)

// Retention removes old pages from a store: those older than the configured age and, if
// the rest is still too large, the oldest of the rest. A page that an unfinished episode
// may need stays, however old. It is a prometheus.Collector of what it removed.
type Retention struct {
	// keep is how long pages stay, size how many bytes all files may have; 0 means no
	// bound.
	keep  time.Duration
	size  int64
	store *Store
	// needed returns the hashes of pages that must stay.
	needed  func() (map[string]bool, error)
	log     *slog.Logger
	removed *prometheus.CounterVec
	kept    prometheus.Gauge
	// Now is time.Now unless a test sets it.
	Now func() time.Time
}

// NewRetention returns the retention of a store. Pages stay for keep, and the oldest are
// removed when their files have more than size bytes; 0 means no bound. needed is called
// at each sweep; while it fails, nothing is removed.
func NewRetention(
	keep time.Duration, size int64, store *Store, needed func() (map[string]bool, error), log *slog.Logger,
) *Retention {
	r := &Retention{
		keep: keep, size: size, store: store, needed: needed, log: log.With("component", "retention"), Now: time.Now,
		removed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_profile_pages_removed_total",
			Help: "Removed pages of profiles, by reason: age for old ones, size for the oldest when all files " +
				"were too large.",
		}, []string{"reason"}),
		kept: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "flink_sidecar_profile_pages_bytes",
			Help: "Compressed size of all pages of profiles after the last daily sweep.",
		}),
	}
	for _, reason := range []string{byAge, bySize} {
		r.removed.WithLabelValues(reason)
	}
	return r
}

// Describe implements prometheus.Collector.
func (r *Retention) Describe(ch chan<- *prometheus.Desc) {
	r.removed.Describe(ch)
	r.kept.Describe(ch)
}

// Collect implements prometheus.Collector.
func (r *Retention) Collect(ch chan<- prometheus.Metric) {
	r.removed.Collect(ch)
	r.kept.Collect(ch)
}

// Run sweeps at once and then once a day, until ctx ends.
func (r *Retention) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := r.Sweep(); err != nil {
			r.log.Error("Old pages of profiles are not removed; the sidecar tries again in a day",
				"dir", r.store.Dir, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Sweep removes what is too old or too much. One file that cannot be removed does not
// stop the others.
func (r *Retention) Sweep() error {
	needed, err := r.needed()
	if err != nil {
		return err
	}
	files, err := r.store.files()
	if err != nil {
		return err
	}
	now := r.Now()
	var failures []error
	var total int64
	for _, f := range files {
		total += f.size
	}
	for _, f := range files {
		reason := r.verdict(f, now, total)
		if reason == "" || needed[f.hash] || now.Sub(f.kept) < Fresh {
			continue
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
			continue
		}
		total -= f.size
		r.note(f, reason)
	}
	r.kept.Set(float64(total))
	return errors.Join(failures...)
}

// verdict says why a file is removed, given the bytes of all files that are left; empty
// if it stays. An unfinished file is too old after Fresh.
func (r *Retention) verdict(f pageFile, now time.Time, total int64) string {
	switch {
	case f.hash == "", r.keep > 0 && now.Sub(f.kept) >= r.keep:
		return byAge
	case r.size > 0 && total > r.size:
		return bySize
	}
	return ""
}

func (r *Retention) note(f pageFile, reason string) {
	if f.hash == "" {
		r.log.Info("Removed a page that was never written to its end", "file", f.path)
		return
	}
	r.removed.WithLabelValues(reason).Inc()
	r.log.Info("Page of a profile removed", "hash", f.hash, "reason", reason, "kept_since", f.kept, "size", f.size)
}

// pageFile is a file of a store.
type pageFile struct {
	path string
	// hash is the hash of the page; empty for a file that was being written.
	hash string
	kept time.Time
	size int64
}

// files are those of the store, the oldest first. Other files are left out.
func (s *Store) files() ([]pageFile, error) {
	entries, err := os.ReadDir(cmp.Or(s.Dir, "."))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []pageFile
	for _, entry := range entries {
		hash, whole := strings.CutSuffix(entry.Name(), pageEnding)
		if !whole {
			hash, _, _ = strings.Cut(entry.Name(), ".")
		}
		if !isHash(hash) || !whole && !strings.HasSuffix(entry.Name(), leftoverEnding) {
			continue
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // it was removed meanwhile, or is no page
		}
		if !whole {
			hash = ""
		}
		found = append(found, pageFile{filepath.Join(s.Dir, entry.Name()), hash, info.ModTime(), info.Size()})
	}
	slices.SortFunc(found, func(a, b pageFile) int {
		return cmp.Or(a.kept.Compare(b.kept), cmp.Compare(a.path, b.path))
	})
	return found, nil
}
