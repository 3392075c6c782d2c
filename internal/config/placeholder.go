package config

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The placeholders that sidecar init writes for what it does not know. Each is a fault
// until it is replaced.
const (
	PlaceholderJob           = "NAME-OF-THE-JOB"
	PlaceholderSource        = "WHAT-THE-JOB-READS"
	PlaceholderSink          = "WHERE-THE-JOB-WRITES"
	PlaceholderBrokers       = "WHERE-KAFKA-RUNS"
	PlaceholderElasticsearch = "WHERE-ELASTICSEARCH-RUNS"
	PlaceholderFields        = "FIELDS-OF-A-REAL-RECORD"
)

// placeholderFixes say what to write in place of a placeholder.
var placeholderFixes = []struct{ placeholder, fix string }{
	{PlaceholderJob, "write the name of the job as Flink shows it"},
	{PlaceholderSource, "write the Kafka topic that the job reads"},
	{PlaceholderSink, "write the topic or index that the job writes to"},
	{PlaceholderBrokers, "write the host of a Kafka broker"},
	{PlaceholderElasticsearch, "write the host of Elasticsearch"},
	{PlaceholderFields, "write a record that the job accepts, or use sidecar init --sample"},
}

// placeholders returns a fault for each value that still holds a placeholder.
func (d *document) placeholders() fileFaults {
	if d.root == nil {
		return nil
	}
	return d.placeholdersIn(part{node: d.root, t: reflect.TypeFor[Config]()})
}

func (d *document) placeholdersIn(p part) fileFaults {
	p = p.resolved()
	var faults fileFaults
	for _, inner := range p.parts() {
		faults = append(faults, d.placeholdersIn(inner)...)
	}
	if p.node.Kind != yaml.ScalarNode {
		return faults
	}
	for _, known := range placeholderFixes {
		if strings.Contains(p.node.Value, known.placeholder) {
			text := fmt.Sprintf("%s: %s is a placeholder of sidecar init (%s)", p.path, known.placeholder, known.fix)
			faults = append(faults, fileFault{d.name, d.lineOf(p.path), text, p.path})
		}
	}
	return faults
}
