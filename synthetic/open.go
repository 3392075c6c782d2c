package synthetic

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// Servers are the sections of the configuration that the sinks need.
type Servers struct {
	// Kafka is needed: the source topic is there.
	Kafka *KafkaConfig
	// Elasticsearch is nil if no sink is in Elasticsearch.
	Elasticsearch *ElasticsearchConfig
	// Probe is the section probe.
	Probe *Config
	// Registerer takes the kinds' metrics; nil: they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// Dial opens connections to Kafka (unless TLS is on) and Elasticsearch; nil is
	// the network.
	Dial DialFunc
}

// OpenSinks returns the source topic and the configured sinks. It opens nothing.
func OpenSinks(configured []SinkConfig, servers Servers) (SourceSpec, []SinkSpec, error) {
	kafka, err := newKafkaCluster(KafkaOptions{Config: servers.Kafka, Probe: servers.Probe, Registerer: servers.Registerer, Log: servers.Log, Dial: servers.Dial})
	if err != nil {
		return SourceSpec{}, nil, err
	}
	var elastic *elasticCluster
	if servers.Elasticsearch != nil {
		elastic, err = newElasticCluster(ElasticsearchOptions{Config: servers.Elasticsearch, Probe: servers.Probe, Registerer: servers.Registerer, Dial: servers.Dial})
		if err != nil {
			return SourceSpec{}, nil, err
		}
	}
	var specs []SinkSpec
	for _, sink := range configured {
		switch {
		case sink.Kafka != nil:
			specs = append(specs, kafka.Sink(sink.Name, *sink.Kafka))
		case sink.Elasticsearch != nil:
			specs = append(specs, elastic.Sink(sink.Name, *sink.Elasticsearch))
		}
	}
	return kafka.Source(), specs, nil
}
