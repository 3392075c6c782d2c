package elasticsearch

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Target is the name of the cluster in flink_sidecar_up.
const Target = "elasticsearch"

// Options configure a cluster. Config and Probe are required.
type Options struct {
	Config *Config
	// Probe is the section probe; the poll interval is used.
	Probe *synthetic.Config
	// Registerer gets the metrics; nil means that they are not exported.
	Registerer prometheus.Registerer
	// Dial opens connections; nil means the network.
	Dial synthetic.DialFunc
}

// Cluster makes the probe's sinks in one Elasticsearch cluster.
type Cluster struct {
	cfg     *Config
	every   time.Duration
	dial    synthetic.DialFunc
	metrics *metrics
	// sinks is the number of sinks so far; ingested is set if one of them measures that hop.
	sinks    int
	ingested bool
}

// NewCluster registers the metrics. It opens no connection.
func NewCluster(o Options) (*Cluster, error) {
	c := &Cluster{cfg: o.Config, every: time.Duration(o.Probe.PollInterval), dial: o.Dial, metrics: newMetrics()}
	return c, c.metrics.register(o.Registerer)
}

// Sink returns the sink for an index that the job writes. The first one has the hops indexed
// and visible, each later one indexed_NAME and visible_NAME.
func (c *Cluster) Sink(name string, cfg SinkConfig) synthetic.SinkSpec {
	c.metrics.cleaned.WithLabelValues(name)
	c.metrics.uncleaned.WithLabelValues(name)
	names := c.nextHops(name, &cfg)
	open := func(w *synthetic.Watch) (synthetic.Sink, error) { return c.openSink(cfg, names, w) }
	return synthetic.SinkSpec{Name: name, Target: Target, Hops: names.list(), Open: open}
}

// metrics describe the work of the probe in the index.
type metrics struct {
	cleaned          *prometheus.CounterVec
	uncleaned, floor *prometheus.GaugeVec
}

func newMetrics() *metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: "flink_sidecar_probe_" + name, Help: help}, []string{"sink"},
		)
	}
	return &metrics{
		cleaned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_probe_cleaned_documents_total",
			Help: "Documents of synthetic records that were removed from a sink.",
		}, []string{"sink"}),
		uncleaned: gauge("uncleaned_documents", "Documents of synthetic records that wait to be removed from a sink."),
		floor: gauge(
			"visibility_floor_seconds",
			"Refresh interval of a sink's index. Documents may become visible only after this time.",
		),
	}
}

func (m *metrics) register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	return errors.Join(reg.Register(m.cleaned), reg.Register(m.uncleaned), reg.Register(m.floor))
}
