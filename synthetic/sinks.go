package synthetic

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Sink is one item of the section sinks: a place where the job writes and each
// synthetic record is watched for. Exactly one of Kafka and Elasticsearch is set.
type Sink struct {
	// Name is the sink's label in metrics and history; a Kafka sink's hop bears it.
	Name          string             `yaml:"name"`
	Kafka         *KafkaSink         `yaml:"kafka"`
	Elasticsearch *ElasticsearchSink `yaml:"elasticsearch"`
}

// The isolation levels with which a Kafka sink is read.
const (
	readCommitted   = "read_committed"
	readUncommitted = "read_uncommitted"
)

// KafkaSink is a topic that the job writes.
type KafkaSink struct {
	Topic string `yaml:"topic"`
	// Isolation is read_committed (default: a record counts as seen when a
	// transactional sink has committed it) or read_uncommitted.
	Isolation string `yaml:"isolation"`
}

// The ways to deal with the probe's own documents.
const (
	cleanupDelete = "delete"
	cleanupKeep   = "keep"
)

// ElasticsearchSink is an index that the job writes.
type ElasticsearchSink struct {
	// Index is an index, an alias, a data stream or a pattern of them.
	Index string `yaml:"index"`
	// SeedField holds the seed and is mapped as keyword.
	SeedField string `yaml:"seed_field"`
	// IngestedField and IndexedField hold when the job read the record, and when
	// Elasticsearch was given the document; both are optional.
	IngestedField string `yaml:"ingested_field"`
	IndexedField  string `yaml:"indexed_field"`
	// Cleanup is delete or keep. It has no default: somebody has to decide.
	Cleanup string `yaml:"cleanup"`
}

// maxSinks bounds the list: each sink costs a client and a label value.
const maxSinks = 16

var sinkName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// ValidateSinks returns what is wrong with the section sinks, with whole paths.
func ValidateSinks(sinks []Sink) setting.Faults {
	var faults setting.Faults
	if len(sinks) > maxSinks {
		faults.Add("sinks", "keep those that matter", "%d sinks are more than %d", len(sinks), maxSinks)
	}
	names, inElasticsearch := map[string]bool{}, 0
	for i, sink := range sinks {
		path := fmt.Sprintf("sinks[%d]", i)
		if names[sink.Name] {
			faults.Add(path+".name", "choose another", "the name %q is taken", sink.Name)
		}
		names[sink.Name] = true
		if sink.Elasticsearch != nil {
			inElasticsearch++
		}
		if inElasticsearch > 1 && sink.Elasticsearch != nil {
			faults.Add(path+".elasticsearch", "keep one", "only one sink may be in Elasticsearch")
		}
		faults = append(faults, sink.validate().Under(path)...)
	}
	return faults
}

func (s *Sink) validate() setting.Faults {
	var faults setting.Faults
	switch {
	case s.Name == "":
		faults.Add("name", "give the sink one: it becomes a label", "the sink has no name")
	case !sinkName.MatchString(s.Name):
		faults.Add("name", "use a-z, 0-9, dashes and underscores", "%q is not a plain name", s.Name)
	case isHop(s.Name):
		faults.Add("name", "choose another", "%q is the name of a hop", s.Name)
	}
	switch {
	case s.Kafka != nil && s.Elasticsearch != nil:
		faults.Add("", "make two sinks of it", "the sink is in Kafka and in Elasticsearch")
	case s.Kafka != nil:
		faults = append(faults, s.Kafka.validate().Under("kafka")...)
	case s.Elasticsearch != nil:
		faults = append(faults, s.Elasticsearch.validate().Under("elasticsearch")...)
	default:
		faults.Add("", "add kafka or elasticsearch", "the sink is nowhere")
	}
	return faults
}

// isHop reports whether name is a hop that is not named after a sink.
func isHop(name string) bool {
	switch name {
	case episode.HopAcknowledged, episode.HopIngested, episode.HopIndexed, episode.HopVisible:
		return true
	}
	return false
}

// UnmarshalYAML fills absent keys with the defaults.
func (s *KafkaSink) UnmarshalYAML(unmarshal func(any) error) error {
	*s = KafkaSink{Isolation: readCommitted}
	type plain KafkaSink
	return unmarshal((*plain)(s))
}

func (s *KafkaSink) validate() setting.Faults {
	var faults setting.Faults
	validateTopic(&faults, "topic", s.Topic)
	if s.Isolation != readCommitted && s.Isolation != readUncommitted {
		faults.Add("isolation", "use read_committed or read_uncommitted", "%q is not an isolation level", s.Isolation)
	}
	return faults
}

// UnmarshalYAML fills absent keys with the defaults.
func (s *ElasticsearchSink) UnmarshalYAML(unmarshal func(any) error) error {
	*s = ElasticsearchSink{SeedField: "seed"}
	type plain ElasticsearchSink
	return unmarshal((*plain)(s))
}

func (s *ElasticsearchSink) validate() setting.Faults {
	var faults setting.Faults
	switch {
	case s.Index == "":
		faults.Add("index", "name the index that the job writes", "no index is named")
	case strings.ContainsAny(s.Index, `/\?"<>| ,#`) || strings.HasPrefix(s.Index, "_") || s.Index == "*":
		faults.Add("index", "name one index, alias, data stream or pattern", "%q can't be searched", s.Index)
	}
	if s.SeedField == "" {
		faults.Add("seed_field", "name the keyword field with the seed", "no seed field is named")
	}
	if s.Cleanup != cleanupDelete && s.Cleanup != cleanupKeep {
		faults.Add("cleanup", "use delete (the probe removes its documents) or keep (your index's lifecycle does)", "%q does not say what becomes of the probe's documents", s.Cleanup)
	}
	return faults
}
