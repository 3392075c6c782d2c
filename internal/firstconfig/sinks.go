package firstconfig

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector/discover"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// sinksOf lists where the job writes. The settings tell topics and indices, the metrics
// tell only how many operators write.
func sinksOf(job discover.Job, told facts, source discover.Topic) []Sink {
	var sinks []Sink
	for _, t := range told.topics() {
		if asMetric(t.value) == source.Name || sourceKey().MatchString(t.key) || failedKey().MatchString(t.key) {
			continue
		}
		sinks = append(sinks, Sink{Name: nameOf(t), Place: Value{Text: t.value, From: "found: " + t.from}})
	}
	if len(sinks) == 0 {
		sinks = unknownTopics(job)
	}
	sinks = append(sinks, indicesOf(job, told)...)
	if len(sinks) == 0 {
		sinks = []Sink{{Name: "out", Place: unknownPlace("not found: no metric or setting of the job tells")}}
	}
	return distinct(sinks)
}

func unknownPlace(why string) Value {
	return Value{Text: config.PlaceholderSink, From: why, Unknown: true}
}

// unknownTopics are the Kafka sinks that the metrics show.
func unknownTopics(job discover.Job) []Sink {
	var sinks []Sink
	for _, s := range job.Sinks {
		if s.Kafka {
			sinks = append(sinks, Sink{Name: plainName(s.Operator), Place: unknownPlace(fmt.Sprintf(
				"not found: operator %s writes to Kafka (vertex %s), but Flink does not tell its topic", s.Operator, s.Vertex))})
		}
	}
	return sinks
}

var elasticOperator = lazyregexp.New(`(?i)elastic|opensearch`)

// indicesOf are the sinks in Elasticsearch.
func indicesOf(job discover.Job, told facts) []Sink {
	var sinks []Sink
	for _, t := range told.indices() {
		name := "search"
		if len(sinks) > 0 {
			name = plainName(t.value)
		}
		sinks = append(sinks, Sink{Name: name, Elasticsearch: true, Place: Value{Text: t.value, From: "found: " + t.from}})
	}
	if len(sinks) > 0 {
		return sinks
	}
	for _, s := range job.Sinks {
		if !s.Kafka && elasticOperator().MatchString(s.Operator) {
			return []Sink{{Name: "search", Elasticsearch: true, Place: unknownPlace(fmt.Sprintf(
				"not found: operator %s seems to write to Elasticsearch (vertex %s), but Flink does not tell its index",
				s.Operator, s.Vertex))}}
		}
	}
	return nil
}

var (
	topicWord = lazyregexp.New(`(?i)[._-]?topics?([._-]?names?)?$`)
	notPlain  = lazyregexp.New(`[^a-z0-9_-]+`)
)

// nameOf makes the name of a sink from its key, such as enriched.topic, or else from its
// topic.
func nameOf(t fact) string {
	key := topicWord().ReplaceAllString(t.key, "")
	if key == "" {
		key = t.value
	}
	return plainName(key)
}

// plainName keeps what the name of a sink may have.
func plainName(text string) string {
	name := strings.Trim(notPlain().ReplaceAllString(strings.ToLower(text), "-"), "-_")
	return name[:min(len(name), 40)]
}

// distinct gives each sink a name of its own, and none the name of a hop.
func distinct(sinks []Sink) []Sink {
	taken := map[string]bool{"": true}
	for i := range sinks {
		name := sinks[i].Name
		for n := 2; taken[name] || synthetic.IsHop(name); n++ {
			name = fmt.Sprintf("%s-%d", strings.TrimSuffix("sink-"+sinks[i].Name, "-"), n)
		}
		taken[name], sinks[i].Name = true, name
	}
	return sinks
}
