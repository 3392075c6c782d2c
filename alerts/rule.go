package alerts

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// significance is the error probability at which a slope counts as one and the
// edges of its interval are drawn. A smaller one wouldn't fire less: it also
// widens the interval, and the lower edge is what fires. What keeps noise quiet
// all day long is the length of the window and of For; the calibration test
// measures what comes of the three.
const significance = 0.01

// Rule foresees one kind of trouble: that the line through a signal's window
// passes a limit within the horizon.
type Rule struct {
	Name   string
	Signal snapshot.Signal
	// Subject is what the rule is about, in words that can begin a sentence.
	Subject string
	Scope   Scope
	Unit    snapshot.Unit
	// Threshold is the limit in the signal's unit; 0 is none.
	Threshold float64
	// FractionOfMax is the limit as a part of the signal's maximum; 0 is none. Of
	// two limits the lower one holds.
	FractionOfMax float64
	// Horizon is how far ahead the rule looks.
	Horizon time.Duration
	// Window is how much of the past the line goes through.
	Window time.Duration
	// For is how long the rule must hold without a break before it fires.
	For time.Duration
	// MinSamples is how many points the line needs.
	MinSamples int
	// Stretch is the length of time of which only the lowest sample counts; 0
	// means that all do.
	Stretch time.Duration
}

// limit is the value not to be passed; there is none where a rule only knows a
// part of a maximum that isn't known.
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

// defaultMinSamples are enough for a line whose autocorrelation can be told from
// a random walk; below that the worst is assumed and little is significant.
const defaultMinSamples = 20

// stretchesPerWindow is into how many stretches a saw-tooth's window is divided.
// The first and the running one don't count.
const stretchesPerWindow = 12

// shipped is the table of rules that come with the sidecar, in the order in
// which tables show them, with what the section says for all of them.
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
			// What is left after a garbage collection is what is really used.
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
