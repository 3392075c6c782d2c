package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// kafka checks the source topic of the probe and every sink in Kafka.
func (d *doctor) kafka(ctx context.Context) []check.Result {
	if d.cfg.Kafka == nil {
		return nil
	}
	var topics []kafka.CheckedTopic
	cutoff := time.Duration(0)
	if d.cfg.Probe != nil {
		topics = append(topics, kafka.CheckedTopic{Key: "probe.topic", Name: d.cfg.Probe.Topic})
		cutoff = time.Duration(d.cfg.Probe.Cutoff)
	}
	for i, sink := range d.cfg.Sinks {
		if sink.Kafka != nil {
			key := fmt.Sprintf("sinks[%d].kafka.topic", i)
			topics = append(topics, kafka.CheckedTopic{Key: key, Name: sink.Kafka.Topic, Sink: sink.Name})
		}
	}
	return d.cfg.Kafka.Check(ctx, topics, cutoff, d.options.Dial)
}

// elasticsearch checks every sink in Elasticsearch or OpenSearch.
func (d *doctor) elasticsearch(ctx context.Context) []check.Result {
	if d.cfg.Elasticsearch == nil {
		return nil
	}
	var indices []elasticsearch.CheckedIndex
	for i, sink := range d.cfg.Sinks {
		if sink.Elasticsearch != nil {
			key := fmt.Sprintf("sinks[%d].elasticsearch", i)
			indices = append(indices, elasticsearch.CheckedIndex{Key: key, Sink: sink.Name, Config: *sink.Elasticsearch})
		}
	}
	onTime := time.Minute
	if d.cfg.Probe != nil {
		onTime = time.Duration(d.cfg.Probe.OnTimeWithin)
	}
	return d.cfg.Elasticsearch.Check(ctx, indices, onTime, d.options.Dial)
}

// directories checks every sink in files.
func (d *doctor) directories(context.Context) []check.Result {
	var found []check.Result
	for _, sink := range d.cfg.Sinks {
		if sink.Files != nil {
			found = append(found, sink.Files.Check(sink.Name)...)
		}
	}
	return found
}

// probe says what a configuration without a probe lacks.
func (d *doctor) probe(context.Context) []check.Result {
	if d.cfg.Probe != nil {
		return nil
	}
	found := &check.Results{Area: "probe"}
	hint := probeHint(&d.cfg)
	fix := check.Shell("%s", hint.Line)
	if id := containerID(); d.inDocker() && id != "" {
		line := strings.Replace(hint.Line, "--output=", "--output=- >", 1)
		fix = &check.Fix{In: inHost, Line: "docker exec " + id + " /" + line}
	}
	found.Add("", check.Warning, fix, "none is configured; it adds %s", hint.Adds)
	return found.All
}
