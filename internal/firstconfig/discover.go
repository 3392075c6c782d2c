package firstconfig

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector/discover"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// First is the content of a first configuration.
type First struct {
	URL, Cluster string
	// Jobs are the running jobs.
	Jobs []discover.Job
	// Probe is nil if no job reads from Kafka.
	Probe *Probe
}

// Value is the value of a key with its origin.
type Value struct {
	Text string
	// From says where it was found, or why it is a placeholder.
	From string
	// Unknown is set if Text holds a placeholder.
	Unknown bool
}

// Probe are the values of the sections kafka, elasticsearch, sinks and probe.
type Probe struct {
	Job     Value
	Topic   Value
	Brokers []Value
	// Security is the rest of the section kafka as YAML: tls and sasl. Empty is neither.
	Security string
	// Elasticsearch is empty if the job does not seem to write there.
	Elasticsearch []Value
	Sinks         []Sink
	Payload       Payload
}

// Sink is a place where the job writes.
type Sink struct {
	Name          string
	Elasticsearch bool // otherwise Kafka
	// Place is the topic or the index.
	Place Value
}

// Options are what a person knows beside Flink.
type Options struct {
	// Kafka is how the brokers are reached. Its addresses are used in place of what the job's
	// settings tell; none are named if it has none.
	Kafka kafka.Config
	// Sample makes the payload from a record of the source topic.
	Sample bool
	// Sampler reads the records; nil reads those of Kafka.
	Sampler Sampler
}

// Discover asks a cluster. An error means that Flink does not answer, or that a sample was
// wanted and could not be read.
func Discover(ctx context.Context, cfg flink.Config, o Options) (First, error) {
	client, err := flink.New(cfg)
	if err != nil {
		return First{}, err
	}
	defer client.CloseIdleConnections()
	if _, err := client.Overview(ctx); err != nil {
		return First{}, err
	}
	first := First{URL: cfg.URL, Cluster: cfg.ClusterName()}
	if first.Jobs, err = discover.Jobs(ctx, client); err != nil {
		return first, err
	}
	for _, job := range first.Jobs {
		if len(job.Topics) > 0 {
			first.Probe, err = newProbe(ctx, client, job, len(first.Jobs) == 1, o)
			return first, err
		}
	}
	if o.Sample {
		return first, errors.New("no running job reads from Kafka, so there is no record to sample (start the job and " +
			"give its metrics a minute, or leave --sample out)")
	}
	return first, nil
}

func newProbe(
	ctx context.Context, client *flink.Client, job discover.Job, only bool, o Options,
) (*Probe, error) {
	told, err := factsOf(ctx, client, job.ID, only)
	if err != nil {
		return nil, err
	}
	source := job.Topics[0]
	p := &Probe{
		Job:     Value{Text: job.Name, From: "found: the first running job that reads from Kafka"},
		Topic:   sourceTopic(source, told),
		Brokers: brokers(told, o.Kafka.Brokers),
		Payload: unknownPayload(),
	}
	if p.Security, err = securityOf(o.Kafka); err != nil {
		return nil, err
	}
	p.Sinks = sinksOf(job, told, source)
	for _, sink := range p.Sinks {
		if sink.Elasticsearch {
			p.Elasticsearch = elasticsearch(told)
		}
	}
	if o.Sample {
		return p, p.sample(ctx, o)
	}
	return p, nil
}

// sourceTopic is the topic of the metrics. A setting tells its real name if the metrics
// can't.
func sourceTopic(source discover.Topic, told facts) Value {
	from := fmt.Sprintf("found: metric %s of vertex %s", source.Metric, source.Vertex)
	for _, f := range told.topics() {
		if asMetric(f.value) == source.Name {
			return Value{Text: f.value, From: from + ", and " + f.from}
		}
	}
	if source.Ambiguous {
		from += "; an underscore may stand for a dot, so compare with the brokers"
	}
	return Value{Text: source.Name, From: from}
}

// asMetric writes a topic as the names of metrics have it.
func asMetric(topic string) string { return strings.ReplaceAll(topic, ".", "_") }

func brokers(told facts, given []string) []Value {
	var all []Value
	for _, broker := range given {
		all = append(all, Value{Text: broker, From: "given on the command line or in its file"})
	}
	if len(all) == 0 {
		all = told.brokers()
	}
	if len(all) == 0 {
		return []Value{{
			Text: config.PlaceholderBrokers + ":9092", Unknown: true,
			From: "not found: neither the job's settings nor its program's arguments name the brokers",
		}}
	}
	return all
}

func elasticsearch(told facts) []Value {
	if found := told.elasticsearch(); len(found) > 0 {
		return found
	}
	return []Value{{
		Text: "http://" + config.PlaceholderElasticsearch + ":9200", Unknown: true,
		From: "not found: neither the job's settings nor its program's arguments name it",
	}}
}

// Missing lists what is not known, in the order of the file.
func (p *Probe) Missing() []string {
	var missing []string
	add := func(v Value, what string) {
		if v.Unknown {
			missing = append(missing, what)
		}
	}
	add(p.Brokers[0], "kafka.brokers")
	if len(p.Elasticsearch) > 0 {
		add(p.Elasticsearch[0], "elasticsearch.urls")
	}
	for _, sink := range p.Sinks {
		add(sink.Place, "the place of sink "+sink.Name)
	}
	add(Value{Unknown: p.Payload.Unknown}, "probe.template")
	return missing
}
