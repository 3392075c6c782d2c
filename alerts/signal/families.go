package signal

import (
	"maps"
	"math"
	"strconv"

	dto "github.com/prometheus/client_model/go"
)

// bucketSuffix and boundLabel are those of the buckets of a classic histogram.
const (
	bucketSuffix = "_bucket"
	boundLabel   = "le"
)

// FromFamilies returns the series that signals need of gathered metrics. Of a histogram
// these are its classic buckets.
func FromFamilies(families []*dto.MetricFamily) []Series {
	var out []Series
	for _, family := range families {
		name := family.GetName()
		if !needed[name] && !needed[name+bucketSuffix] {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := make(map[string]string, len(m.GetLabel()))
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			switch {
			case m.GetHistogram() != nil:
				out = append(out, bucketsOf(name, labels, m.GetHistogram())...)
			case m.GetCounter() != nil:
				out = append(out, Series{name, labels, m.GetCounter().GetValue()})
			case m.GetGauge() != nil:
				out = append(out, Series{name, labels, m.GetGauge().GetValue()})
			}
		}
	}
	return out
}

// bucketsOf are the buckets of a histogram as on the page in text, the last of them with all
// observations.
func bucketsOf(name string, labels map[string]string, h *dto.Histogram) []Series {
	bucket := func(bound float64, count uint64) Series {
		bounded := maps.Clone(labels)
		bounded[boundLabel] = strconv.FormatFloat(bound, 'g', -1, 64)
		return Series{name + bucketSuffix, bounded, float64(count)}
	}
	var out []Series
	for _, b := range h.GetBucket() {
		if !math.IsInf(b.GetUpperBound(), 1) {
			out = append(out, bucket(b.GetUpperBound(), b.GetCumulativeCount()))
		}
	}
	return append(out, bucket(math.Inf(1), h.GetSampleCount()))
}
