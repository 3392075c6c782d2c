package synthetic

import (
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// TargetKafka is how flink_sidecar_up names the brokers.
const TargetKafka = "kafka"

// KafkaOptions is what a cluster is made from. Config, Probe and Log are needed.
type KafkaOptions struct {
	Config *KafkaConfig
	// Probe is the section probe: topic, limits and budget.
	Probe *Config
	// Registerer takes the metrics; nil: they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// Dial opens connections unless TLS is on; nil is the network.
	Dial DialFunc
}

// kafkaCluster makes the probe's source and its sinks in one Kafka cluster. The
// sinks share a read budget.
type kafkaCluster struct {
	cfg     *KafkaConfig
	probe   *Config
	dial    DialFunc
	log     *slog.Logger
	budget  *rate.Limiter
	metrics *kafkaMetrics
}

// newKafkaCluster registers the metrics. It opens nothing.
func newKafkaCluster(o KafkaOptions) (*kafkaCluster, error) {
	c := &kafkaCluster{
		cfg: o.Config, probe: o.Probe, dial: o.Dial, log: o.Log,
		budget: newBudget(o.Probe), metrics: newKafkaMetrics(),
	}
	return c, c.metrics.register(o.Registerer)
}

// newBudget returns what the Kafka sinks may read, all of them together.
func newBudget(probe *Config) *rate.Limiter {
	perSecond := float64(probe.ReadBudget)
	burst := perSecond * max(1, time.Duration(probe.Interval).Seconds())
	return rate.NewLimiter(rate.Limit(perSecond), int(min(burst, math.MaxInt32)))
}

// Source returns the probe's source topic.
func (c *kafkaCluster) Source() SourceSpec {
	return SourceSpec{Target: TargetKafka, Open: c.openSource}
}

// Sink returns a topic that the job writes.
func (c *kafkaCluster) Sink(name string, cfg KafkaSinkConfig) SinkSpec {
	c.metrics.readBytes.WithLabelValues(name)
	c.metrics.throttled.WithLabelValues(name)
	return SinkSpec{Name: name, Target: TargetKafka, Hops: []string{name}, Open: func(w *Watch) (Sink, error) {
		return c.openSink(cfg, w)
	}}
}

// kafkaMetrics say what reading the sinks' topics costs.
type kafkaMetrics struct {
	readBytes, throttled *prometheus.CounterVec
}

func newKafkaMetrics() *kafkaMetrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "flink_sidecar_probe_" + name, Help: help}, []string{"sink"})
	}
	return &kafkaMetrics{
		readBytes: counter("read_bytes_total", "Bytes read from a sink's topic to find synthetic records, as they came off the wire."),
		throttled: counter("read_throttled_seconds_total", "Time that reading a sink's topic was held back by the read budget."),
	}
}

func (m *kafkaMetrics) register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	return errors.Join(reg.Register(m.readBytes), reg.Register(m.throttled))
}
