package results

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	// reachedDays is from how many days the line through the daily inputs is.
	reachedDays = 14
	// reachedAlpha is the error of each end of the interval.
	reachedAlpha = 0.05
)

// dailyInputs are the inputs of a job on complete days by UTC.
type dailyInputs struct {
	until  time.Time // the end of the last day
	middle []time.Time
	rates  []float64
}

// reached is when a line through the daily inputs of a job reaches a rate, in seconds from now; false
// if it does not, or if there are too few days.
func (h *Headroom) reached(job episode.JobRef, rate float64, now time.Time) (stat.Breach, bool, error) {
	if err := h.readDays(job, now.UTC().Truncate(outcome.InputOver)); err != nil {
		return stat.Breach{}, false, err
	}
	days := h.days[job]
	var times []float64
	for _, at := range days.middle {
		times = append(times, at.Sub(now).Seconds())
	}
	when, ok := stat.FitLine(times, days.rates).TimeToBreach(rate, reachedAlpha)
	return when, ok, nil
}

// readDays reads the inputs of the days before until, unless they are read already. A day that is
// not known is left out.
func (h *Headroom) readDays(job episode.JobRef, until time.Time) error {
	if h.days[job].until.Equal(until) {
		return nil
	}
	days := dailyInputs{until: until}
	for k := reachedDays; k > 0; k-- {
		end := until.Add(-time.Duration(k-1) * outcome.InputOver)
		rate, known, err := h.input(job, end)
		if err != nil {
			return err
		}
		if known {
			days.middle = append(days.middle, end.Add(-outcome.InputOver/2))
			days.rates = append(days.rates, rate)
		}
	}
	if h.days == nil {
		h.days = map[episode.JobRef]dailyInputs{}
	}
	h.days[job] = days
	return nil
}
