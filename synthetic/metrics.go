package synthetic

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

// latencyBuckets are the classic buckets, 1 ms to 300 s: from an acknowledgement on the
// same machine to a record that waited for a checkpoint or a restart. Scrapers with
// support for native histograms get those instead, 10 % wide.
var latencyBuckets = []float64{
	.001, .0025, .005, .01, .025, .05, .1, .25, .5,
	1, 2.5, 5, 10, 20, 30, 60, 120, 180, 300,
}

// metrics are the metrics of this process. accountCollector exports the accounts, which
// come from the history.
type metrics struct {
	latency       *prometheus.HistogramVec
	ingestedBound *prometheus.HistogramVec
	unmeasured    *prometheus.CounterVec
	clockRejected *prometheus.CounterVec
	pollInterval  prometheus.Gauge
	roundInterval prometheus.Gauge
	paused        prometheus.Gauge
	skipped       prometheus.Counter
}

func newMetrics() *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "flink_sidecar_probe_" + name, Help: help}, labels,
		)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "flink_sidecar_probe_" + name, Help: help}, labels)
	}
	return &metrics{
		latency: latencies("latency_seconds", "Time from handing a synthetic record to the Kafka client until it "+
			"passed a hop, which is a place on its way, such as a sink. Late records are included.", "hop"),
		ingestedBound: latencies("ingested_upper_bound_seconds", "Time from handing a synthetic record to the Kafka "+
			"client until the job had certainly read it: an upper bound, by the offsets of the job's source and the "+
			"sinks. flink_sidecar_probe_ingested_resolution_seconds is the most by which it may be too high."),
		unmeasured: counter(
			"unmeasured_total",
			"Synthetic records that passed a hop while the sink was not read. Their latency is not known exactly.",
			"hop",
		),
		clockRejected: counter(
			"clock_rejected_total",
			"Latencies that were dropped because the clocks of two machines contradict each other.", "hop",
		),
		pollInterval: gauge(
			"poll_interval_seconds",
			"Time between two searches of Elasticsearch while a record is under way. Half of it is the error of "+
				"the hop visible.",
		).WithLabelValues(),
		roundInterval: gauge(
			"round_interval_seconds",
			"Time between the starts of two rounds, with the rate limit. 0 until the partitions of the source "+
				"topic are known.",
		).WithLabelValues(),
		paused: gauge(
			"paused",
			`Deprecated, use flink_sidecar_paused{part="probe"}: 1 while the probe is paused, else 0.`,
		).WithLabelValues(),
		skipped: counter(
			"skipped_rounds_total",
			"Rounds that were due and did not begin: the partitions of the source topic are unknown, too many "+
				"records wait for the history, or the process was busy or stopped.",
		).WithLabelValues(),
	}
}

// latencies returns a histogram of times on the way of a record.
func latencies(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "flink_sidecar_probe_" + name, Help: help, Buckets: latencyBuckets,
		// 160 buckets, 10 % wide, span 1 ms to an hour. Beyond that the histogram may reset, at
		// most hourly.
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
}

// register registers all metrics and sets every expected label to zero, so that a rate
// exists before the first event.
func (m *metrics) register(reg prometheus.Registerer, accounts *accountCollector, hops []string) error {
	var errs []error
	for _, c := range []prometheus.Collector{
		m.latency, m.ingestedBound, m.unmeasured, m.clockRejected, m.pollInterval, m.roundInterval, m.paused, m.skipped, accounts,
	} {
		errs = append(errs, reg.Register(c))
	}
	for _, hop := range hops {
		m.latency.WithLabelValues(hop)
		m.unmeasured.WithLabelValues(hop)
		m.clockRejected.WithLabelValues(hop)
	}
	return errors.Join(errs...)
}

// observe exports one sample. The exemplar links a slow bucket to the record.
func (m *metrics) observe(s account.Sample) {
	switch s.Quality {
	case account.Measured:
		observe(m.latency.WithLabelValues(s.Hop), s)
	case account.Bound:
		observe(m.ingestedBound.WithLabelValues(), s)
	case account.Unmeasured:
		m.unmeasured.WithLabelValues(s.Hop).Inc()
	case account.Rejected:
		m.clockRejected.WithLabelValues(s.Hop).Inc()
	}
}

func observe(histogram prometheus.Observer, s account.Sample) {
	if exemplars, ok := histogram.(prometheus.ExemplarObserver); ok {
		exemplars.ObserveWithExemplar(s.Latency.Seconds(), prometheus.Labels{"seed": s.Seed})
		return
	}
	histogram.Observe(s.Latency.Seconds())
}

// accountCollector exports the accounts exactly as in the history: they change only
// after the history has stored a change, and continue after a restart. They are absent,
// not zero, until the history was read.
type accountCollector struct {
	recorder *account.Recorder
	// ordered are the sinks that show the order of their records.
	ordered map[string]bool
	// inputShare is the probe's share of the job's input, if it is known.
	inputShare func() (ratio float64, known bool)
}

var (
	recordsDesc = prometheus.NewDesc(
		"flink_sidecar_probe_records_total",
		"Synthetic records by final outcome, since the history began. Together with the pending records they are "+
			"all intended records.",
		[]string{"sink", "outcome"}, nil,
	)
	pendingDesc = prometheus.NewDesc(
		"flink_sidecar_probe_pending_records",
		"Synthetic records that are not seen at a sink yet and have not reached their cut-off.", []string{"sink"},
		nil,
	)
	duplicateDesc = prometheus.NewDesc(
		"flink_sidecar_probe_duplicates_total",
		"Further sightings of synthetic records that were already seen at a sink.", []string{"sink"}, nil,
	)
	reorderedDesc = prometheus.NewDesc(
		"flink_sidecar_probe_reordered_total",
		"Synthetic records that a sink got after a later one of the same key. Absent for a sink that shows no order, "+
			"such as Elasticsearch.",
		[]string{"sink"}, nil,
	)
	afterLostDesc = prometheus.NewDesc(
		"flink_sidecar_probe_seen_after_lost_total", "Lost synthetic records that were seen later.", []string{"sink"},
		nil,
	)
	afterFailDesc = prometheus.NewDesc(
		"flink_sidecar_probe_seen_after_produce_failed_total",
		"Synthetic records that were seen although the brokers reported a failed produce.", []string{"sink"}, nil,
	)
	oldestDesc = prometheus.NewDesc(
		"flink_sidecar_probe_oldest_pending_seconds",
		"Age of the oldest pending synthetic record. 0 if none is pending.", nil, nil,
	)
	waitingDesc = prometheus.NewDesc(
		"flink_sidecar_probe_unrecorded_records",
		"Changed synthetic records that are not in the history yet. A value that stays above 0 means that the "+
			"history can't be written.",
		nil, nil,
	)
	resolutionDesc = prometheus.NewDesc(
		"flink_sidecar_probe_ingested_resolution_seconds",
		"Most by which flink_sidecar_probe_ingested_upper_bound_seconds may be too high for a record now: the time "+
			"between two polls of Flink plus the age of its metrics. Absent while it is not known what the job has read.",
		nil, nil,
	)
	shareDesc = prometheus.NewDesc(
		"flink_sidecar_probe_input_ratio",
		"Share of synthetic records in the records that the job reads. Absent if the input rate of the job is not "+
			"known.",
		nil, nil,
	)
)

// Describe implements prometheus.Collector.
func (c *accountCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		recordsDesc, pendingDesc, duplicateDesc, reorderedDesc, afterLostDesc, afterFailDesc, oldestDesc, waitingDesc, shareDesc,
		resolutionDesc,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. It never waits for the history.
func (c *accountCollector) Collect(ch chan<- prometheus.Metric) {
	value := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	if share, known := c.inputShare(); known {
		value(shareDesc, prometheus.GaugeValue, share)
	}
	if resolution := c.recorder.Resolution(); resolution > 0 {
		value(resolutionDesc, prometheus.GaugeValue, resolution.Seconds())
	}
	value(waitingDesc, prometheus.GaugeValue, float64(c.recorder.Unrecorded()))
	state := c.recorder.Published()
	if state == nil {
		return
	}
	oldest, _ := c.recorder.Oldest()
	value(oldestDesc, prometheus.GaugeValue, oldest.Seconds())
	for _, account := range state.Accounts {
		for _, outcome := range episode.RecordOutcomes() {
			if outcome != episode.Pending {
				value(recordsDesc, prometheus.CounterValue, float64(account.Outcomes[outcome]), account.Sink, string(outcome))
			}
		}
		value(pendingDesc, prometheus.GaugeValue, float64(account.Outcomes[episode.Pending]), account.Sink)
		value(duplicateDesc, prometheus.CounterValue, float64(account.Duplicates), account.Sink)
		if c.ordered[account.Sink] {
			value(reorderedDesc, prometheus.CounterValue, float64(account.Reordered), account.Sink)
		}
		value(afterLostDesc, prometheus.CounterValue, float64(account.SeenAfterLost), account.Sink)
		value(afterFailDesc, prometheus.CounterValue, float64(account.SeenAfterProduceFailed), account.Sink)
	}
}
