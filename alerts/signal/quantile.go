package signal

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// bucket is one of a classic histogram.
type bucket struct {
	bound float64 // the greatest observation that it counts
	rate  float64 // of the observations up to the bound, per second
}

// quantile is the greatest quantile of the histograms of a subject, over the stretch of the
// row. ok is false if none observed anything in that time.
func (r *Reader) quantile(at time.Time, row *Row, g group) (value float64, ok bool) {
	for _, buckets := range r.histograms(at, row, g) {
		if one, known := quantileOf(row.Quantile, buckets); known {
			value, ok = max(value, one), true
		}
	}
	return value, ok
}

// histograms are the known buckets of each histogram of a subject, by its labels.
func (r *Reader) histograms(at time.Time, row *Row, g group) map[string][]bucket {
	out := map[string][]bucket{}
	for _, s := range g.values {
		rate, known := r.rate(at, row, row.Metric, restOf(s), []Series{s})
		bound, err := strconv.ParseFloat(s.Labels[boundLabel], 64)
		if !known || err != nil {
			continue
		}
		whole := Series{Labels: maps.Clone(s.Labels)}
		delete(whole.Labels, boundLabel)
		out[restOf(whole)] = append(out[restOf(whole)], bucket{bound, rate})
	}
	return out
}

// quantileOf is histogram_quantile of Prometheus: linear within a bucket, which begins at the
// bound of the one before or at 0, and the last finite bound for all that is beyond it. ok is
// false if nothing was observed, and while the bucket of all observations is not known.
func quantileOf(q float64, buckets []bucket) (value float64, ok bool) {
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	last := len(buckets) - 1
	if last < 1 || !math.IsInf(buckets[last].bound, 1) || buckets[last].rate <= 0 {
		return 0, false
	}
	rank, below := q*buckets[last].rate, bucket{}
	for _, b := range buckets[:last] {
		b.rate = max(b.rate, below.rate) // a reset may be seen in some buckets only
		if b.rate >= rank {
			return below.bound + (b.bound-below.bound)*(rank-below.rate)/(b.rate-below.rate), true
		}
		below = b
	}
	return below.bound, true
}
