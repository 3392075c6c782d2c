package figures

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// The range of a histogram in microseconds, and its significant digits: a value is exact
// to a thousandth.
const (
	lowestValue  = 1
	highestValue = int64(24 * time.Hour / time.Microsecond)
	digits       = 3
)

// Histogram counts latencies. Minimum, maximum and mean are exact, quantiles are those of
// HdrHistogram.
type Histogram struct {
	hdr      *hdrhistogram.Histogram
	n        int64
	sum      float64 // seconds
	min, max int64   // nanoseconds
}

// NewHistogram returns an empty one.
func NewHistogram() *Histogram {
	return &Histogram{hdr: hdrhistogram.New(lowestValue, highestValue, digits)}
}

// Add counts one latency in nanoseconds. A negative one counts as zero: two readings of
// one clock are never negative, and stamps are judged before.
func (h *Histogram) Add(ns int64) {
	ns = max(0, ns)
	_ = h.hdr.RecordValue(min(ns/int64(time.Microsecond), highestValue)) // within the range
	if h.n == 0 || ns < h.min {
		h.min = ns
	}
	h.max = max(h.max, ns)
	h.n++
	h.sum += Seconds(ns)
}

// Count is the number of values.
func (h *Histogram) Count() int64 { return h.n }

// quantile returns a quantile in seconds, never beyond the maximum; nil without values.
func (h *Histogram) quantile(q float64) *float64 {
	if h.n == 0 {
		return nil
	}
	v := min(float64(h.hdr.ValueAtPercentile(100*q))/1e6, Seconds(h.max))
	return &v
}

// Summary returns nil quantiles without values.
func (h *Histogram) Summary() *scalerun.Latency {
	if h.n == 0 {
		return &scalerun.Latency{}
	}
	low, high, mean := Seconds(h.min), Seconds(h.max), h.sum/float64(h.n)
	return &scalerun.Latency{
		Min: &low, Mean: &mean, P50: h.quantile(0.5), P90: h.quantile(0.9), P99: h.quantile(0.99), Max: &high,
	}
}

// Delay summarizes publish delays; nil quantiles without values.
func (h *Histogram) Delay() scalerun.Delay {
	d := scalerun.Delay{P50: h.quantile(0.5), P99: h.quantile(0.99)}
	if h.n > 0 {
		longest := Seconds(h.max)
		d.Max = &longest
	}
	return d
}

// Encoded is the histogram for another process.
func (h *Histogram) Encoded() scalerun.Histogram {
	// Encoding writes to memory, which does not fail.
	hdr, _ := h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return scalerun.Histogram{HDR: string(hdr), Count: h.n, SumSeconds: h.sum, Min: h.min, Max: h.max}
}

// maxEncoded bounds a histogram of another process: about ten times the largest of ours.
const maxEncoded = 256 << 10

// MergeEncoded adds the histogram of another process.
func (h *Histogram) MergeEncoded(other scalerun.Histogram) error {
	if other.Count == 0 {
		return nil
	}
	if len(other.HDR) > maxEncoded {
		return fmt.Errorf("a histogram has %d bytes, more than %d (use equal versions of the sidecar)", len(other.HDR),
			maxEncoded)
	}
	hdr, err := hdrhistogram.Decode([]byte(other.HDR))
	if err != nil {
		return fmt.Errorf("a histogram cannot be read: %w (use equal versions of the sidecar)", err)
	}
	if dropped := h.hdr.Merge(hdr); dropped > 0 || hdr.TotalCount() != other.Count {
		return fmt.Errorf("a histogram has %d values, not %d (use equal versions of the sidecar)",
			hdr.TotalCount()-dropped, other.Count)
	}
	if h.n == 0 || other.Min < h.min {
		h.min = other.Min
	}
	h.max = max(h.max, other.Max)
	h.n += other.Count
	h.sum += other.SumSeconds
	return nil
}

// Spectrum writes the percentile spectrum in the text format that HdrHistogram's plotters
// read, in seconds.
func (h *Histogram) Spectrum(w io.Writer) error {
	_, err := h.hdr.PercentilesPrint(w, 5, float64(time.Second/time.Microsecond))
	return err
}

// Seconds is a time in nanoseconds in seconds.
func Seconds(ns int64) float64 { return float64(ns) / 1e9 }
