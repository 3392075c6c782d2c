package scaletest

import (
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The range of a histogram in microseconds, and its significant digits: a value is exact
// to a thousandth.
const (
	lowestValue  = 1
	highestValue = int64(24 * time.Hour / time.Microsecond)
	digits       = 3
)

// histogram counts latencies. Minimum, maximum and mean are exact, quantiles are those of
// HdrHistogram.
type histogram struct {
	hdr      *hdrhistogram.Histogram
	n        int64
	sum      float64 // seconds
	min, max int64   // nanoseconds
}

func newHistogram() *histogram {
	return &histogram{hdr: hdrhistogram.New(lowestValue, highestValue, digits)}
}

// add counts one latency in nanoseconds. A negative one counts as zero: two readings of
// one clock are never negative, and stamps are judged before.
func (h *histogram) add(ns int64) {
	ns = max(0, ns)
	_ = h.hdr.RecordValue(min(ns/int64(time.Microsecond), highestValue)) // within the range
	if h.n == 0 || ns < h.min {
		h.min = ns
	}
	h.max = max(h.max, ns)
	h.n++
	h.sum += inSec(ns)
}

func (h *histogram) count() int64 { return h.n }

// quantile returns a quantile in seconds, never beyond the maximum; nil without values.
func (h *histogram) quantile(q float64) *float64 {
	if h.n == 0 {
		return nil
	}
	v := min(float64(h.hdr.ValueAtPercentile(100*q))/1e6, inSec(h.max))
	return &v
}

// summary returns nil quantiles without values.
func (h *histogram) summary() *episode.ScaleLatency {
	if h.n == 0 {
		return &episode.ScaleLatency{}
	}
	low, high, mean := inSec(h.min), inSec(h.max), h.sum/float64(h.n)
	return &episode.ScaleLatency{
		Min: &low, Mean: &mean, P50: h.quantile(0.5), P90: h.quantile(0.9), P99: h.quantile(0.99), Max: &high,
	}
}

// spectrum writes the percentile spectrum in the text format that HdrHistogram's plotters
// read, in seconds.
func (h *histogram) spectrum(w io.Writer) error {
	_, err := h.hdr.PercentilesPrint(w, 5, float64(time.Second/time.Microsecond))
	return err
}
