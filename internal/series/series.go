// Package series holds the recent past of a signal: samples in a window of time.
// It does no I/O and knows neither signals nor rules.
//
// A [Window] is bounded twice, by a span of time and by a number of samples, so
// that a signal that is read too often costs history and never memory.
//
// # What may enter
//
// Only what was measured. A value that is not known is not a sample: NaN is
// refused, and a caller that has no value adds nothing. A sample at the time of
// the last one is the same sample read again, and is refused too; so a value
// that Flink stamps itself, like the size of a checkpoint, can be offered on
// every poll and enters once.
//
// # Where the past ends
//
// A line through the samples of two runs of a job means nothing. Each signal is
// therefore cut somewhere: at the run of the job, at the process, or at the
// epoch. The caller names what the sample belongs to, and [Window.Within] forgets
// everything of another.
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

// point is a sample as it is kept: half the size, and ready for arithmetic.
// Offsets are taken by time.Time.Sub, so that they are monotonic where the
// sample times are, and a step of the wall clock doesn't bend them.
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
	// newest is the offset of the sample added last, which may have left the
	// window since; known says whether there was one.
	newest time.Duration
	known  bool
}

// NewWindow returns an empty window over span that holds at most limit samples.
func NewWindow(span time.Duration, limit int) *Window {
	return &Window{span: span, limit: limit}
}

// Within says which run, process or epoch the samples that follow belong to, and
// cuts the window when it is another one than before. An empty key means that it
// isn't known, which is no reason to cut.
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

// Cut forgets all samples.
func (w *Window) Cut() {
	w.points = w.points[:0]
	w.known = false
}

// Add takes a sample and reports whether it entered. NaN doesn't, nor does a
// sample that isn't newer than the last; but one that is older by more than the
// whole span means that the clock was set back, and begins a new window.
func (w *Window) Add(s Sample) bool {
	if math.IsNaN(s.V) {
		return false
	}
	if w.known && s.T.Sub(w.base) < w.newest-w.span {
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

// Trim drops the samples that are older than the span at now. Without it a
// window keeps the last span that had samples.
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

// Len returns how many samples the window holds.
func (w *Window) Len() int { return len(w.points) }

// Last returns the newest sample that the window holds.
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

// AppendSeconds appends the samples to two slices, the times as seconds relative
// to origin: negative is before it. It is what a fit needs, without a copy of
// anything else.
func (w *Window) AppendSeconds(origin time.Time, times, values []float64) (t, v []float64) {
	shift := w.base.Sub(origin)
	for _, p := range w.points {
		times = append(times, float64(p.offset+shift)/float64(time.Second))
		values = append(values, p.value)
	}
	return times, values
}
