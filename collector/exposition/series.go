package exposition

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// series is one line of the page. A metric of the library would have labels of its own; here all
// series of a vertex have the same ones, because they are most of the memory of a page.
type series struct {
	family *metricnames.Family
	value  float64
	labels []*dto.LabelPair // shared, never changed
}

// Desc implements prometheus.Metric.
func (s *series) Desc() *prometheus.Desc { return s.family.Desc }

// Write implements prometheus.Metric.
func (s *series) Write(out *dto.Metric) error {
	out.Label = s.labels
	if s.family.Counter() {
		out.Counter = &dto.Counter{Value: &s.value}
	} else {
		out.Gauge = &dto.Gauge{Value: &s.value}
	}
	return nil
}

// labelSet identifies the labels of series: their names and their values, each joined.
type labelSet struct{ names, values string }

// seriesKey identifies a series.
type seriesKey struct{ name, values string }

// building is what a page needs only while it is made.
type building struct {
	seen   map[seriesKey]struct{}
	labels map[labelSet][]*dto.LabelPair
}

func newBuilding() *building {
	return &building{seen: map[seriesKey]struct{}{}, labels: map[labelSet][]*dto.LabelPair{}}
}

// pairs are the labels of a series of a family, shared with the series that have the same.
func (b *building) pairs(f *metricnames.Family, values []string, joined string) []*dto.LabelPair {
	set := labelSet{f.LabelNames(), joined}
	pairs, known := b.labels[set]
	if !known {
		pairs = prometheus.MakeLabelPairs(f.Desc, values)
		b.labels[set] = pairs
	}
	return pairs
}

// join makes one text of label values. No valid label has the separator.
func join(values []string) string { return strings.Join(values, "\xff") }
