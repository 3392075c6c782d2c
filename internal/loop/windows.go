package loop

import (
	"context"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// WindowHistory stores standing measurements: all of one call or none.
type WindowHistory interface {
	PutMeasurement(...episode.Measurement) error
}

// Windows takes a standing measurement of every job at a regular interval, so that
// history has the normal values from before a problem.
type Windows struct {
	// Every is the length of a window and the time between two.
	Every time.Duration
	// Measure returns one measurement for each job; none where nothing is known. Windows
	// sets the IDs.
	Measure func(from, to time.Time) []episode.Measurement
	History WindowHistory
	Log     *slog.Logger
}

// Run records windows until ctx ends. A history that cannot be written loses the window,
// but the loop continues with the next one.
func (w Windows) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	from := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case to := <-ticker.C:
			w.record(from, to)
			from = to
		}
	}
}

func (w Windows) record(from, to time.Time) {
	measurements := w.Measure(from, to)
	for i := range measurements {
		m := &measurements[i]
		m.ID = ulid.MustNew(ulid.Timestamp(from), ulid.DefaultEntropy()).String()
		m.Kind, m.Began, m.Ended = episode.KindWindow, from, to
	}
	if err := w.History.PutMeasurement(measurements...); err != nil {
		w.Log.Error("Window not recorded", "component", "loop", "err", err)
	}
}
