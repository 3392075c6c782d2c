package alerts

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// significance is the error probability for a significant slope and for the edges of
// its interval. A smaller value would not reduce the false alerts, because it also
// widens the interval, and the lower edge decides. The length of the window and of For
// keep noise from firing; the calibration test measures the effect of the three.
const significance = 0.01

// Rule predicts one kind of trouble: the line through a signal's window passes a limit
// within the horizon.
type Rule struct {
	Name   string
	Signal snapshot.Signal
	// Subject names the subject of the rule, in words that can begin a sentence.
	Subject string
	Scope   Scope
	Unit    snapshot.Unit
	// Threshold is the limit in the signal's unit; 0 is none.
	Threshold float64
	// FractionOfMax is the limit as a fraction of the signal's maximum; 0 means none.
	// The lower of two limits applies.
	FractionOfMax float64
	// Horizon is how far the rule looks into the future.
	Horizon time.Duration
	// Window is the length of the past that the line is fitted to.
	Window time.Duration
	// For is how long the rule must hold without a break before it fires.
	For time.Duration
	// MinSamples is the minimum number of points for the line.
	MinSamples int
	// Stretch is a length of time of which only the lowest sample counts; 0 means that
	// all samples count.
	Stretch time.Duration
}

// limit returns the limit. There is none if the rule has only a fraction of a maximum
// and the maximum is not known.
func (r *Rule) limit(most *float64) (limit float64, ok bool) {
	if r.Threshold > 0 {
		limit, ok = r.Threshold, true
	}
	if r.FractionOfMax > 0 && most != nil && *most > 0 {
		part := r.FractionOfMax * *most
		if !ok || part < limit {
			limit, ok = part, true
		}
	}
	return limit, ok
}

// defaultMinSamples is enough to distinguish a line's autocorrelation from a random
// walk. With fewer samples the fit assumes the worst case, and few slopes are
// significant.
const defaultMinSamples = 20

// stretchesPerWindow is the number of stretches in the window of a saw-tooth. The first
// and the current one do not count.
const stretchesPerWindow = 12

// shipped returns the rules that come with the sidecar, in display order, with the
// general settings of the section.
func shipped(c Config) []Rule {
	rules := []Rule{
		{
			Name: "checkpoint-duration", Signal: snapshot.CheckpointDuration, Subject: "checkpoint duration",
			Scope: Run, Unit: snapshot.Seconds,
			// A tenth of Flink's default checkpoint timeout of 10 min.
			Threshold: 60, MinSamples: defaultMinSamples,
		},
		{
			Name: "checkpoint-size", Signal: snapshot.CheckpointSize, Subject: "checkpoint size", Scope: Run,
			Unit:      snapshot.Bytes,
			Threshold: 10 << 30, MinSamples: defaultMinSamples,
		},
		{
			// The memory in use after a garbage collection is the real use.
			Name: "heap-after-gc", Signal: snapshot.HeapUsed, Subject: "heap after garbage collection",
			Scope: Process, Unit: snapshot.Bytes,
			FractionOfMax: 0.9, MinSamples: stat.MinSamples + 2, Stretch: time.Duration(c.Window) / stretchesPerWindow,
		},
	}
	for i := range rules {
		r := &rules[i]
		r.Horizon, r.Window, r.For = time.Duration(c.Horizon), time.Duration(c.Window), time.Duration(c.For)
		if c.MinSamples > 0 && r.Stretch == 0 {
			r.MinSamples = c.MinSamples
		}
	}
	return rules
}
