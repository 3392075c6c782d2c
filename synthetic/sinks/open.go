package sinks

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// Servers are the sections of the configuration for the sinks.
type Servers struct {
	// Kafka is required for the source topic.
	Kafka *kafka.Config
	// Elasticsearch is nil if no sink is in Elasticsearch.
	Elasticsearch *elasticsearch.Config
	// Probe is the section probe.
	Probe *synthetic.Config
	// Registerer gets the kinds' metrics; nil means that they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// Dial opens connections to Kafka (unless TLS is on) and to Elasticsearch; nil
	// means the network.
	Dial synthetic.DialFunc
}

// Open returns the source topic and the configured sinks. It opens no connection.
func Open(configured []Config, servers Servers) (synthetic.SourceSpec, []synthetic.SinkSpec, error) {
	brokers, err := kafka.NewCluster(kafka.Options{
		Config: servers.Kafka, Probe: servers.Probe, Registerer: servers.Registerer,
		Log: servers.Log, Dial: servers.Dial,
	})
	if err != nil {
		return synthetic.SourceSpec{}, nil, err
	}
	var indices *elasticsearch.Cluster
	if servers.Elasticsearch != nil {
		indices, err = elasticsearch.NewCluster(elasticsearch.Options{
			Config: servers.Elasticsearch, Probe: servers.Probe, Registerer: servers.Registerer, Dial: servers.Dial,
		})
		if err != nil {
			return synthetic.SourceSpec{}, nil, err
		}
	}
	var specs []synthetic.SinkSpec
	for _, sink := range configured {
		switch {
		case sink.Kafka != nil:
			specs = append(specs, brokers.Sink(sink.Name, *sink.Kafka))
		case sink.Elasticsearch != nil:
			specs = append(specs, indices.Sink(sink.Name, *sink.Elasticsearch))
		case sink.Files != nil:
			specs = append(specs, files.Sink(sink.Name, *sink.Files, servers.Probe))
		}
	}
	return brokers.Source(), specs, nil
}
