package results

import (
	"context"
	"log/slog"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// headroomEvery is how often the headroom is computed again: the input of a day changes
// slowly.
const headroomEvery = 5 * time.Minute

// Headroom keeps the headroom of each job up to date: the sustainable rate that a scale test
// found, divided by today's input. The rate outlives a restart, the input changes every day,
// so a trend can tell when the input reaches the rate.
type Headroom struct {
	Store *history.Store
	Live  *LiveTest
	Log   *slog.Logger

	// days are read once a day.
	days map[episode.JobRef]dailyInputs
}

// Run computes until ctx ends.
func (h *Headroom) Run(ctx context.Context) error {
	h.restore()
	for {
		h.update(time.Now())
		if wait.For(ctx, headroomEvery) != nil {
			return nil
		}
	}
}

// maxRestored bounds the stored tests that are searched for a sustainable rate.
const maxRestored = 1000

// restore takes the newest sustainable rate of each job from the history.
func (h *Headroom) restore() {
	tests, err := h.Store.ScaleTests(episode.JobRef{}, "", maxRestored)
	if err != nil {
		h.Log.Warn("The sustainable rates of earlier scale tests cannot be read", "err", err)
	}
	for _, test := range tests {
		if found, ok := foundIn(test); ok {
			h.Live.restore(test.JobRef(), found)
		}
	}
}

// update relates each rate to the input before now.
func (h *Headroom) update(now time.Time) {
	for job, found := range h.Live.rates() {
		if h.Live.Tests(job) {
			continue // its input is the load of the test
		}
		input, known, err := h.input(job, now)
		if err != nil {
			h.Log.Warn("Today's input cannot be read", "cluster", job.Cluster, "job", job.Job, "err", err)
		}
		h.Live.relate(job, found.rate, input, known)
		when, reached, err := h.reached(job, found.rate, now)
		if err != nil {
			h.Log.Warn("The input of the last days cannot be read", "cluster", job.Cluster, "job", job.Job, "err", err)
		}
		h.Live.foresee(job, when, reached)
	}
}

// input is today's input of a job, without the load of tests.
func (h *Headroom) input(job episode.JobRef, now time.Time) (rate float64, known bool, err error) {
	tests, err := h.Store.ScaleTests(job, "", maxRestored)
	if err != nil {
		return 0, false, err
	}
	var measured []episode.Measurement
	for before := ""; ; {
		page, err := h.Store.Measurements(job, before, now.Add(-outcome.InputOver), now, maxRestored)
		if err != nil {
			return 0, false, err
		}
		if measured = append(measured, page...); len(page) < maxRestored {
			rate, known = outcome.Input(measured, tests)
			return rate, known, nil
		}
		before = page[len(page)-1].ID
	}
}
