package loop

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// WindowHistory stores standing measurements: all of one call or none.
type WindowHistory interface {
	PutMeasurement(...episode.Measurement) error
	// Measurements returns the newest measurements, newest first; zero arguments select all.
	Measurements(of episode.JobRef, before string, from, to time.Time, limit int) ([]episode.Measurement, error)
}

// Windows takes a standing measurement of every job at a regular interval, so that
// history has the normal values from before a problem.
type Windows struct {
	// Every is the length of a window and the time between two.
	Every time.Duration
	// Measure returns one measurement for each job; none where nothing is known. Windows
	// sets the IDs.
	Measure func(from, to time.Time) []episode.Measurement
	// Complete brings the accounts of measurements up to date. It returns those that
	// changed, and those that may still change. Nil if nothing does.
	Complete func(open []episode.Measurement) (changed, still []episode.Measurement)
	History  WindowHistory
	Log      *slog.Logger
}

// Run records windows until ctx ends. A history that cannot be written loses the window,
// but the loop continues with the next one.
func (w Windows) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	from := time.Now()
	open := w.leftOpen(from)
	for {
		select {
		case <-ctx.Done():
			return nil
		case to := <-ticker.C:
			open = w.record(from, to, open)
			from = to
		}
	}
}

// record stores the measurements of a window, and earlier ones whose accounts have changed
// since. It returns those whose accounts are still open.
func (w Windows) record(from, to time.Time, open []episode.Measurement) (still []episode.Measurement) {
	measurements := w.Measure(from, to)
	for i := range measurements {
		m := &measurements[i]
		m.ID = ulid.MustNew(ulid.Timestamp(from), ulid.DefaultEntropy()).String()
		m.Kind, m.Began, m.Ended = episode.KindWindow, from, to
	}
	if w.Complete != nil {
		var fresh, changed []episode.Measurement
		changed, still = w.Complete(append(open, measurements...))
		for _, m := range measurements {
			if !slices.ContainsFunc(changed, func(c episode.Measurement) bool { return c.ID == m.ID }) {
				fresh = append(fresh, m)
			}
		}
		measurements = append(changed, fresh...)
	}
	if err := w.History.PutMeasurement(measurements...); err != nil {
		w.Log.Error("Window not recorded", "component", "loop", "err", err)
		return open
	}
	return still
}

// leftBehind is how old the measurements may be that an earlier process left open: a record
// is final after its cut-off, which is a day at most.
const leftBehind = 25 * time.Hour

// leftOpen returns the measurements of an earlier process with records that were pending.
func (w Windows) leftOpen(now time.Time) []episode.Measurement {
	if w.Complete == nil {
		return nil
	}
	recent, err := w.History.Measurements(episode.JobRef{}, "", now.Add(-leftBehind), time.Time{}, maxLeftOpen)
	if err != nil {
		w.Log.Error("Measurements of an earlier process are not completed", "component", "loop", "err", err)
	}
	return slices.DeleteFunc(recent, func(m episode.Measurement) bool {
		return m.Kind != episode.KindWindow || m.Records(episode.Pending) == 0
	})
}

// maxLeftOpen bounds the measurements that are read for it: sixteen hours of one job.
const maxLeftOpen = 1000
