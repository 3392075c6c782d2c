package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// self are the collector's metrics of itself: its health and its cost. Each series has
// the label cluster, because there may be several collectors.
type self struct {
	polls    *prometheus.CounterVec
	duration prometheus.Histogram
	interval prometheus.Gauge
	dropped  *prometheus.CounterVec
	hidden   prometheus.Gauge

	up, age, series, frozen, unknown *prometheus.Desc
}

// The results of a poll.
const (
	pollOK      = "ok"
	pollPartial = "partial" // something is unknown because a request failed
	pollFailed  = "failed"  // nothing could be read
)

func newSelf(cluster string) *self {
	const prefix = "flink_sidecar_collector_"
	of := prometheus.Labels{"cluster": exposition.Label(cluster)}
	s := &self{
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			ConstLabels: of,

			Name: prefix + "polls_total",
			Help: "Polls of Flink by result: ok, partial if something is unknown because a request failed, failed " +
				"if nothing could be read.",
		}, []string{"result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			ConstLabels: of,

			Name:    prefix + "poll_duration_seconds",
			Help:    "Time that Flink took to answer all requests of a poll.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			// For scrapers that support native histograms: 100 buckets 10 % wide span 10
			// ms to two minutes.
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
			NativeHistogramMinResetDuration: time.Hour,
		}),
		interval: prometheus.NewGauge(prometheus.GaugeOpts{
			ConstLabels: of,

			Name: prefix + "poll_interval_seconds",
			Help: "Time from one poll to the next; longer than configured while Flink answers slowly.",
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			ConstLabels: of,

			Name: prefix + "dropped_series_total",
			Help: "Series left out of the page, counted at each poll: duplicate if another has the same name and " +
				"labels, limit and user_limit if the page or its part for user metrics was full, names for " +
				"metrics that are not read because a vertex has too many.",
		}, []string{"reason"}),
		hidden: prometheus.NewGauge(prometheus.GaugeOpts{
			ConstLabels: of,

			Name: prefix + "hidden_jobs",
			Help: "Running jobs that are not shown because another running job has the same name.",
		}),
		up: prometheus.NewDesc("flink_cluster_up", "Whether the last poll got an answer from the cluster's "+
			"JobManager (1) or not (0); absent before the first poll has ended.", nil, of),
		age: prometheus.NewDesc(prefix+"data_age_seconds", "Age of the last successful poll, absent before the "+
			"first; its values are withdrawn after three poll intervals.", nil, of),
		series: prometheus.NewDesc(prefix+"series", "Series on the page of the last successful poll.", nil, of),
		frozen: prometheus.NewDesc(prefix+"metrics_frozen",
			"1 while Flink's metric store does not change, so that its values are unknown.", nil, of),
		unknown: prometheus.NewDesc("flink_sidecar_signal_unknown",
			"1 for each expected metric of a job that is missing; job is empty for metrics of the cluster.",
			[]string{"signal", "job"}, of),
	}
	for _, result := range []string{pollOK, pollPartial, pollFailed} {
		s.polls.WithLabelValues(result)
	}
	for _, reason := range []string{
		metricnames.Duplicate, metricnames.TooMany, metricnames.TooManyUser,
		metricnames.TooManyNames,
	} {
		s.dropped.WithLabelValues(reason)
	}
	return s
}

// polled counts a poll.
func (s *self) polled(err error, problems int, took time.Duration) {
	result := pollOK
	switch {
	case err != nil:
		result = pollFailed
	case problems > 0:
		result = pollPartial
	}
	s.polls.WithLabelValues(result).Inc()
	s.duration.Observe(took.Seconds())
}

func (s *self) registered() []prometheus.Collector {
	return []prometheus.Collector{s.polls, s.duration, s.interval, s.dropped, s.hidden}
}

func (s *self) describe(ch chan<- *prometheus.Desc) {
	for _, c := range s.registered() {
		c.Describe(ch)
	}
	for _, desc := range []*prometheus.Desc{s.up, s.age, s.series, s.frozen, s.unknown} {
		ch <- desc
	}
}

func (s *self) collect(ch chan<- prometheus.Metric, last pollResult, up *bool, now time.Time, withdrawn bool) {
	for _, c := range s.registered() {
		c.Collect(ch)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	if up != nil {
		gauge(s.up, exposition.Bool(*up))
	}
	if !last.taken.IsZero() {
		gauge(s.age, now.Sub(last.taken).Seconds())
		gauge(s.series, float64(last.page.Len()))
	}
	if last.cluster != nil && !withdrawn {
		gauge(s.frozen, exposition.Bool(last.cluster.MetricsFrozen))
	}
	for _, missing := range last.page.Unknown(withdrawn) {
		gauge(s.unknown, 1, missing.Name, missing.Job)
	}
}
