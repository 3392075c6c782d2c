// Package series keeps the recent samples of a signal in a window of time.
// It does no I/O and does not depend on signals or rules.
//
// A [Window] has two limits: a span of time and a number of samples. If a signal is read
// too often, the window covers less time but does not use more memory.
//
// # Which samples a window accepts
//
// A window accepts only measured values. An unknown value is not a sample: the window
// refuses NaN, and a caller without a value adds nothing. A sample with the time of the
// last sample is the same sample again, so the window refuses it too. So a caller can add a
// value with Flink's own timestamp, for example the size of a checkpoint, on every poll;
// the window accepts it once.
//
// # When a window is cut
//
// A line through the samples of two runs of a job has no meaning. So each signal belongs to
// a run of the job, to a process or to an epoch. The caller passes its key, and
// [Window.Within] drops all samples when the key changes.
//
// A line through both sides of a long gap has none either: what happened in the gap is not
// known. So a sample that comes more than a quarter of the span after the last one begins a
// new window. Shorter gaps stay: a line is fitted to the times of the samples.
package series

import (
	"math"
	"time"
)

// Sample is a value of a signal at a time.
type Sample struct {
	T time.Time
	V float64
}

// point is a stored sample. It needs half the memory of a Sample and no conversion before
// arithmetic. time.Time.Sub computes the offsets. It uses the monotonic clock if both times
// have one, so a step of the wall clock does not change the offsets.
type point struct {
	offset time.Duration // since Window.base
	value  float64
}

// Window holds the samples of one signal over a span of time. It is not safe for
// concurrent use.
type Window struct {
	span   time.Duration
	limit  int
	base   time.Time
	points []point // oldest first
	within string
	// newest is the offset of the last added sample, which may have left the window
	// since. known is false until the first sample.
	newest time.Duration
	known  bool
}

// NewWindow returns an empty window over span that holds at most limit samples.
func NewWindow(span time.Duration, limit int) *Window {
	return &Window{span: span, limit: limit}
}

// Within sets the key of the run, process or epoch of the samples that follow. If the key
// differs from the key before, it drops all samples and returns true. An empty key means
// unknown and changes nothing.
func (w *Window) Within(key string) (cut bool) {
	if key == "" || key == w.within {
		return false
	}
	cut = w.within != ""
	w.within = key
	if cut {
		w.Cut()
	}
	return cut
}

// Key returns the key of the samples; empty while it is unknown.
func (w *Window) Key() string { return w.within }

// Cut drops all samples.
func (w *Window) Cut() {
	w.points = w.points[:0]
	w.known = false
}

// maxGaps is the number of the longest gaps that fit into the span.
const maxGaps = 4

// Add adds a sample and reports whether the window accepted it. The window refuses NaN and
// samples that are not newer than the last one. But if a sample is older than the last one
// by more than the span, the clock was set back, and the sample begins a new window. So does
// one after a gap of more than a quarter of the span.
func (w *Window) Add(s Sample) bool {
	if math.IsNaN(s.V) {
		return false
	}
	if since := s.T.Sub(w.base) - w.newest; w.known && (since < -w.span || since > w.span/maxGaps) {
		w.Cut()
	}
	if !w.known {
		w.base = s.T
	}
	offset := s.T.Sub(w.base)
	if w.known && offset <= w.newest {
		return false
	}
	w.newest, w.known = offset, true
	w.dropBefore(offset - w.span)
	if len(w.points) == w.limit {
		w.points = append(w.points[:0], w.points[1:]...)
	}
	w.points = append(w.points, point{offset, s.V})
	return true
}

// Trim drops the samples that are older than the span at the time now. Without calls of
// Trim, a window keeps the samples of the span before the last sample.
func (w *Window) Trim(now time.Time) {
	if w.known {
		w.dropBefore(now.Sub(w.base) - w.span)
	}
}

func (w *Window) dropBefore(offset time.Duration) {
	drop := 0
	for drop < len(w.points) && w.points[drop].offset < offset {
		drop++
	}
	if drop > 0 {
		w.points = append(w.points[:0], w.points[drop:]...)
	}
}

// Len returns the number of samples in the window.
func (w *Window) Len() int { return len(w.points) }

// Last returns the newest sample in the window; ok is false if the window is empty.
func (w *Window) Last() (s Sample, ok bool) {
	if len(w.points) == 0 {
		return Sample{}, false
	}
	return w.sample(w.points[len(w.points)-1]), true
}

// Samples returns a copy of the samples, oldest first.
func (w *Window) Samples() []Sample {
	out := make([]Sample, len(w.points))
	for i, p := range w.points {
		out[i] = w.sample(p)
	}
	return out
}

func (w *Window) sample(p point) Sample { return Sample{T: w.base.Add(p.offset), V: p.value} }

// AppendSeconds appends the times and the values of the samples to two slices. The times
// are seconds relative to origin, negative before it. The slices are the input of
// stat.FitLine.
func (w *Window) AppendSeconds(origin time.Time, times, values []float64) (t, v []float64) {
	shift := w.base.Sub(origin)
	for _, p := range w.points {
		times = append(times, float64(p.offset+shift)/float64(time.Second))
		values = append(values, p.value)
	}
	return times, values
}
