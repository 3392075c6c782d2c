package metricnames

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is one metric of the page.
type Family struct {
	Name string
	// Help names where in Flink the value comes from.
	Help string
	// Labels are the names of its labels, the cluster first.
	Labels []string

	Kind prometheus.ValueType
	Desc *prometheus.Desc
	// User is true for a family created by a user's rule.
	User bool

	labelNames string
}

// LabelNames are the names of the labels in one text: families with the same text have the same labels.
func (f *Family) LabelNames() string { return f.labelNames }

// Signed reports whether a value below 0 means something: event times may lie in the
// future, and headroom is below 0 where a job does not keep up. Any other negative count,
// size or time is Flink's way to say that there is none.
func (f *Family) Signed() bool {
	return f.User || strings.Contains(f.Name, "watermark") || strings.Contains(f.Name, "event_time_lag") ||
		strings.HasSuffix(f.Name, "_headroom_ratio")
}

// Counter reports whether the metric is a counter; otherwise it is a gauge.
func (f *Family) Counter() bool { return f.Kind == prometheus.CounterValue }

// Gauge returns the family of a gauge with the label cluster and these labels.
func Gauge(name, help string, labels ...string) *Family {
	return newFamily(prometheus.GaugeValue, name, help, labels)
}

// Counter returns the family of a counter with the label cluster and these labels.
func Counter(name, help string, labels ...string) *Family {
	return newFamily(prometheus.CounterValue, name, help, labels)
}

func newFamily(kind prometheus.ValueType, name, help string, labels []string) *Family {
	labels = append([]string{"cluster"}, labels...)
	return &Family{
		Name: name, Help: help, Labels: labels, Kind: kind,
		Desc: prometheus.NewDesc(name, help, labels, nil), labelNames: strings.Join(labels, ","),
	}
}
