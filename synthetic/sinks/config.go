package sinks

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// Config is one item of the section sinks: a place where the job writes and where each
// synthetic record is watched. Exactly one of Kafka, Elasticsearch and Files
// is set.
type Config struct {
	// Name is the sink's label in metrics and history, and the hop of a sink in Kafka or files.
	Name          string                    `yaml:"name"`
	Kafka         *kafka.SinkConfig         `yaml:"kafka"`
	Elasticsearch *elasticsearch.SinkConfig `yaml:"elasticsearch"`
	Files         *files.SinkConfig         `yaml:"files"`
}

// maxSinks bounds the list, because each sink needs a client and a label value.
const maxSinks = 16

var sinkName = lazyregexp.New(`^[a-z0-9_-]{1,64}$`)

// Validate returns what is wrong with the section sinks, with complete paths.
func Validate(sinks []Config) setting.Faults {
	var faults setting.Faults
	if len(sinks) > maxSinks {
		faults.Add("sinks", "remove some", "%d sinks are more than %d", len(sinks), maxSinks)
	}
	names, indices := map[string]bool{}, map[string]*elasticsearch.SinkConfig{}
	for i, sink := range sinks {
		path := fmt.Sprintf("sinks[%d]", i)
		if names[sink.Name] {
			faults.Add(path+".name", "choose another", "the name %q is taken", sink.Name)
		}
		names[sink.Name] = true
		if es := sink.Elasticsearch; es != nil {
			if first := indices[es.Index]; first != nil && first.Deletes(es) {
				faults.Add(path+".elasticsearch.cleanup", "use keep at both, or another index",
					"another sink watches index %q, and one would delete what the other has not seen", es.Index)
			}
			indices[es.Index] = es
		}
		faults = append(faults, sink.validate().Under(path)...)
	}
	return faults
}

func (s *Config) validate() setting.Faults {
	var faults setting.Faults
	switch {
	case s.Name == "":
		faults.Add("name", "set one, it becomes a label", "the sink has no name")
	case !sinkName().MatchString(s.Name):
		faults.Add("name", "use a-z, 0-9, dashes and underscores", "%q is not a plain name", s.Name)
	case synthetic.IsHop(s.Name):
		faults.Add("name", "choose another", "%q is the name of a hop", s.Name)
	}
	switch {
	case s.kinds() > 1:
		faults.Add("", "split it into several sinks", "the sink has %d kinds", s.kinds())
	case s.Files != nil:
		faults = append(faults, s.Files.Validate().Under("files")...)
	case s.Kafka != nil:
		faults = append(faults, s.Kafka.Validate().Under("kafka")...)
	case s.Elasticsearch != nil:
		faults = append(faults, s.Elasticsearch.Validate().Under("elasticsearch")...)
	default:
		faults.Add("", "add kafka, elasticsearch or files", "the sink has no kind")
	}
	return faults
}

// kinds is the number of kinds that the sink has; one is right.
func (s *Config) kinds() (n int) {
	for _, is := range []bool{s.Kafka != nil, s.Elasticsearch != nil, s.Files != nil} {
		if is {
			n++
		}
	}
	return n
}
