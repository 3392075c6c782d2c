package kafka

import (
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Target is the name of the brokers in flink_sidecar_up.
const Target = "kafka"

// Options configure a cluster. Config, Probe and Log are required.
type Options struct {
	Config *Config
	// Probe is the section probe; topic, limits and budget are used.
	Probe *synthetic.Config
	// Registerer gets the metrics; nil means that they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// Dial opens connections unless TLS is on; nil means the network.
	Dial synthetic.DialFunc
}

// Cluster makes the probe's source and its sinks in one Kafka cluster. The sinks share
// a read budget.
type Cluster struct {
	cfg     *Config
	probe   *synthetic.Config
	dial    synthetic.DialFunc
	log     *slog.Logger
	budget  *rate.Limiter
	metrics *metrics
}

// NewCluster registers the metrics. It opens no connection.
func NewCluster(o Options) (*Cluster, error) {
	c := &Cluster{
		cfg: o.Config, probe: o.Probe, dial: o.Dial, log: o.Log,
		budget: newBudget(o.Probe), metrics: newMetrics(),
	}
	return c, c.metrics.register(o.Registerer)
}

// newBudget returns the common read budget of the Kafka sinks.
func newBudget(probe *synthetic.Config) *rate.Limiter {
	perSecond := float64(probe.ReadBudget)
	burst := perSecond * max(1, time.Duration(probe.Interval).Seconds())
	return rate.NewLimiter(rate.Limit(perSecond), int(min(burst, math.MaxInt32)))
}

// Source returns the probe's source topic.
func (c *Cluster) Source() synthetic.SourceSpec {
	return synthetic.SourceSpec{Target: Target, Open: c.openSource}
}

// Sink returns the sink for a topic that the job writes.
func (c *Cluster) Sink(name string, cfg SinkConfig) synthetic.SinkSpec {
	c.metrics.readBytes.WithLabelValues(name)
	c.metrics.throttled.WithLabelValues(name)
	open := func(w *synthetic.Watch) (synthetic.Sink, error) { return c.openSink(cfg, w) }
	return synthetic.SinkSpec{Name: name, Target: Target, Hops: []string{name}, Ordered: true, Open: open}
}

// metrics count the cost of reading the sinks' topics.
type metrics struct {
	readBytes, throttled *prometheus.CounterVec
}

func newMetrics() *metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "flink_sidecar_probe_" + name, Help: help}, []string{"sink"},
		)
	}
	return &metrics{
		readBytes: counter(
			"read_bytes_total", "Compressed bytes read from the topic of a sink to find synthetic records.",
		),
		throttled: counter(
			"read_throttled_seconds_total", "Time for which the read budget delayed the reading of a sink's topic.",
		),
	}
}

func (m *metrics) register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	return errors.Join(reg.Register(m.readBytes), reg.Register(m.throttled))
}
