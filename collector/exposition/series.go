package exposition

import (
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

// job is the value of the label job; empty for a series of the cluster.
func (s *series) job() string {
	for _, label := range s.labels {
		if label.GetName() == "job" {
			return label.GetValue()
		}
	}
	return ""
}

// labelSet are the labels of all series that have the same names and values of labels.
type labelSet struct{ pairs []*dto.LabelPair }

// seriesKey identifies a series.
type seriesKey struct {
	name   string
	labels *labelSet
}

// building is what a page needs only while it is made.
type building struct {
	seen map[seriesKey]struct{}
	sets map[string]*labelSet // by the names and values
	key  []byte               // of the set that is looked up; it is used again
}

func newBuilding() *building {
	return &building{seen: map[seriesKey]struct{}{}, sets: map[string]*labelSet{}}
}

// separator is no byte of valid UTF-8, so no valid label has it.
const separator = 0xff

// labelsOf returns the labels of a series, shared with the series that have the same. Most series have the same
// as another one, and each poll asks for all: to find them allocates nothing.
func (b *building) labelsOf(f *metricnames.Family, cluster string, labels []string) *labelSet {
	b.key = append(append(append(b.key[:0], f.LabelNames()...), separator), cluster...)
	for _, label := range labels {
		b.key = append(append(b.key, separator), Label(label)...)
	}
	if set, known := b.sets[string(b.key)]; known {
		return set
	}
	values := make([]string, 0, len(f.Labels))
	values = append(values, cluster)
	for _, label := range labels {
		values = append(values, Label(label))
	}
	set := &labelSet{prometheus.MakeLabelPairs(f.Desc, values)}
	b.sets[string(b.key)] = set
	return set
}
