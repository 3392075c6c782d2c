package app

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

// headroom keeps the headroom of each job up to date: the sustainable rate that a scale test
// found, divided by today's input. The rate outlives a restart, the input changes every day,
// so a trend can tell when the input reaches the rate.
type headroom struct {
	store *history.Store
	live  *liveScaleTest
	log   *slog.Logger
}

// run computes until ctx ends.
func (h *headroom) run(ctx context.Context) error {
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
func (h *headroom) restore() {
	tests, err := h.store.ScaleTests(episode.JobRef{}, "", maxRestored)
	if err != nil {
		h.log.Warn("The sustainable rates of earlier scale tests cannot be read", "err", err)
	}
	for _, test := range tests {
		if test.Sustainable != nil && test.Sustainable.Rate != nil {
			h.live.restore(test.JobRef(), *test.Sustainable.Rate)
		}
	}
}

// update relates each rate to the input before now.
func (h *headroom) update(now time.Time) {
	for job, rate := range h.live.rates() {
		input, known, err := h.input(job, now)
		if err != nil {
			h.log.Warn("Today's input cannot be read", "cluster", job.Cluster, "job", job.Job, "err", err)
		}
		h.live.relate(job, rate, input, known)
	}
}

// input is today's input of a job.
func (h *headroom) input(job episode.JobRef, now time.Time) (rate float64, known bool, err error) {
	var measured []episode.Measurement
	for before := ""; ; {
		page, err := h.store.Measurements(job, before, now.Add(-outcome.InputOver), now, maxRestored)
		if err != nil {
			return 0, false, err
		}
		if measured = append(measured, page...); len(page) < maxRestored {
			rate, known = outcome.Input(measured)
			return rate, known, nil
		}
		before = page[len(page)-1].ID
	}
}

// restore sets the rate that an earlier process found, unless a newer one is known.
func (l *liveScaleTest) restore(of episode.JobRef, rate float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	job := [2]string{of.Cluster, of.Job}
	if _, known := l.sustainable[job]; !known && len(l.sustainable) < maxTestedJobs {
		l.sustainable[job] = rate
	}
}

// rates are the sustainable rates by job.
func (l *liveScaleTest) rates() map[episode.JobRef]float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[episode.JobRef]float64{}
	for job, rate := range l.sustainable {
		found[episode.JobRef{Cluster: job[0], Job: job[1]}] = rate
	}
	return found
}

// relate sets today's input and the headroom of a job; both are absent if it is unknown.
func (l *liveScaleTest) relate(of episode.JobRef, rate, input float64, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	job := [2]string{of.Cluster, of.Job}
	delete(l.input, job)
	delete(l.headroom, job)
	if known && input > 0 {
		l.input[job], l.headroom[job] = input, rate/input
	}
}
