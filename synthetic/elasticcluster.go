package synthetic

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TargetElasticsearch is how flink_sidecar_up names the cluster.
const TargetElasticsearch = "elasticsearch"

// ElasticsearchOptions is what a cluster is made from. Config and Probe are
// needed.
type ElasticsearchOptions struct {
	Config *ElasticsearchConfig
	// Probe is the section probe: the poll interval.
	Probe *Config
	// Registerer takes the metrics; nil: they are not exported.
	Registerer prometheus.Registerer
	// Dial opens connections; nil is the network.
	Dial DialFunc
}

// elasticCluster makes the probe's sinks in one Elasticsearch cluster.
type elasticCluster struct {
	cfg     *ElasticsearchConfig
	every   time.Duration
	dial    DialFunc
	metrics *elasticMetrics
}

// newElasticCluster registers the metrics. It opens nothing.
func newElasticCluster(o ElasticsearchOptions) (*elasticCluster, error) {
	c := &elasticCluster{cfg: o.Config, every: time.Duration(o.Probe.PollInterval), dial: o.Dial, metrics: newElasticMetrics()}
	return c, c.metrics.register(o.Registerer)
}

// Sink returns an index that the job writes.
func (c *elasticCluster) Sink(name string, cfg ElasticsearchSinkConfig) SinkSpec {
	c.metrics.cleaned.WithLabelValues(name)
	c.metrics.uncleaned.WithLabelValues(name)
	return SinkSpec{Name: name, Target: TargetElasticsearch, Hops: cfg.hops(), Open: func(w *Watch) (Sink, error) {
		return c.openSink(cfg, w)
	}}
}

// elasticMetrics say what the probe does in the index.
type elasticMetrics struct {
	cleaned          *prometheus.CounterVec
	uncleaned, floor *prometheus.GaugeVec
}

func newElasticMetrics() *elasticMetrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "flink_sidecar_probe_" + name, Help: help}, []string{"sink"})
	}
	return &elasticMetrics{
		cleaned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_probe_cleaned_documents_total", Help: "Documents of synthetic records removed from a sink.",
		}, []string{"sink"}),
		uncleaned: gauge("uncleaned_documents", "Documents of synthetic records that wait to be removed from a sink."),
		floor:     gauge("visibility_floor_seconds", "Refresh interval of a sink's index: documents can't be relied on to be visible sooner."),
	}
}

func (m *elasticMetrics) register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	return errors.Join(reg.Register(m.cleaned), reg.Register(m.uncleaned), reg.Register(m.floor))
}
