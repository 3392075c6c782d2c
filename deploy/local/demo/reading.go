package demo

import (
	"context"
	"io"
	"math"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Reading is a page of metrics at one moment.
type Reading struct {
	At       time.Time
	families map[string]*dto.MetricFamily
}

// Read reads the sidecar's metrics.
func (d *Demo) Read(ctx context.Context) (Reading, error) {
	reading := Reading{At: time.Now()}
	err := get(ctx, d.url+"/metrics", func(page io.Reader) error {
		var err error
		parser := expfmt.NewTextParser(model.UTF8Validation)
		reading.families, err = parser.TextToMetricFamilies(page)
		return err
	})
	return reading, err
}

// labels are the labels that a series must have; it may have more.
type labels map[string]string

// series returns the series of a metric that have the labels.
func (r Reading) series(name string, want labels) []*dto.Metric {
	var found []*dto.Metric
	for _, metric := range r.families[name].GetMetric() {
		have := labels{}
		for _, pair := range metric.GetLabel() {
			have[pair.GetName()] = pair.GetValue()
		}
		if have.include(want) {
			found = append(found, metric)
		}
	}
	return found
}

func (l labels) include(want labels) bool {
	for name, value := range want {
		if l[name] != value {
			return false
		}
	}
	return true
}

// sum adds up counters or gauges. known is false when there is none: unknown is not zero.
func (r Reading) sum(name string, want labels) (total float64, known bool) {
	for _, metric := range r.series(name, want) {
		switch {
		case metric.GetCounter() != nil:
			total += metric.GetCounter().GetValue()
		case metric.GetGauge() != nil:
			total += metric.GetGauge().GetValue()
		default:
			continue
		}
		known = true
	}
	return total, known
}

// count is how many observations of a hop there are.
func (r Reading) count(hop string) uint64 {
	var total uint64
	for _, metric := range r.series(latencyMetric, labels{"hop": hop}) {
		total += metric.GetHistogram().GetSampleCount()
	}
	return total
}

const latencyMetric = "flink_sidecar_probe_latency_seconds"

// latency returns a quantile of a hop's latency in seconds over the time between an
// earlier reading and this one, computed like Prometheus' histogram_quantile: linear
// within a bucket, and the lower bound of the last one. known is false when no record
// passed. A counter that fell belongs to a restarted sidecar.
func (r Reading) latency(earlier Reading, hop string, quantile float64) (seconds float64, known bool) {
	now, before := r.buckets(hop), earlier.buckets(hop)
	if len(now) == 0 {
		return 0, false
	}
	since := make([]float64, len(now))
	for i, bucket := range now {
		since[i] = bucket.count
		if len(before) == len(now) && r.count(hop) >= earlier.count(hop) {
			since[i] -= before[i].count
		}
	}
	rank := quantile * since[len(since)-1]
	if rank <= 0 {
		return 0, false
	}
	lowerBound, lowerCount := 0.0, 0.0
	for i, bucket := range now {
		if since[i] >= rank && !math.IsInf(bucket.upperBound, 1) {
			return lowerBound + (bucket.upperBound-lowerBound)*(rank-lowerCount)/(since[i]-lowerCount), true
		}
		if !math.IsInf(bucket.upperBound, 1) {
			lowerBound, lowerCount = bucket.upperBound, since[i]
		}
	}
	return lowerBound, true
}

// bucket is one of a classic histogram: count observations of at most upperBound.
type bucket struct {
	upperBound, count float64
}

// buckets returns a hop's buckets in ascending order, the last with +Inf.
func (r Reading) buckets(hop string) []bucket {
	found := r.series(latencyMetric, labels{"hop": hop})
	if len(found) != 1 {
		return nil
	}
	histogram := found[0].GetHistogram()
	var all []bucket
	for _, b := range histogram.GetBucket() {
		if !math.IsInf(b.GetUpperBound(), 1) {
			all = append(all, bucket{b.GetUpperBound(), float64(b.GetCumulativeCount())})
		}
	}
	return append(all, bucket{math.Inf(1), float64(histogram.GetSampleCount())})
}

// sourceRate is how many records per second the sources of the sample job read.
func (r Reading) sourceRate() (perSecond float64, known bool) {
	return r.sum("flink_job_source_records_per_second", labels{"job": jobName})
}
