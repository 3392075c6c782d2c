// Package discover finds the running jobs of a cluster, and what they read and write, for a first
// configuration.
package discover

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Job is a running job and the Kafka topics that its sources read, as far as their
// metrics show.
type Job struct {
	Name, ID string
	// Topics are sorted by name. It is empty for a job that reads no Kafka, has not read
	// a record yet, or has its Kafka metrics switched off.
	Topics []Topic
	// Sinks are the operators that write to other systems, as far as their metrics show,
	// sorted by name.
	Sinks []Sink
}

// Sink is an operator that writes to another system. Flink does not say to which topic or
// index.
type Sink struct {
	// Operator is its name, in which Flink has replaced blanks and most punctuation with
	// underscores. Vertex is the name of its vertex.
	Operator, Vertex string
	// Kafka is set if it has metrics of a Kafka producer.
	Kafka bool
}

// Topic is a Kafka topic as the metrics of a source name it.
type Topic struct {
	// Name is the topic's name, in which Flink has replaced dots and some other
	// characters with underscores.
	Name string
	// Ambiguous is true if the name holds an underscore: the real name may differ, and
	// only the broker can confirm it.
	Ambiguous bool
	// Partitions is how many partitions are being read.
	Partitions int
	// Metric is one of the metrics that name the topic, Vertex the name of their vertex.
	Metric, Vertex string
}

// Jobs lists the running jobs of a cluster and the topics they read, to fill a first
// configuration.
func Jobs(ctx context.Context, client *flink.Client) ([]Job, error) {
	summaries, err := client.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	// The first request for metrics makes Flink fetch them.
	if _, err := client.TaskManagerNames(ctx); err != nil {
		return nil, err
	}
	if wait.For(ctx, flink.SettleTime) != nil {
		return nil, ctx.Err()
	}
	var found []Job
	for _, summary := range summaries {
		if summary.Ended() {
			continue
		}
		job := Job{Name: summary.Name, ID: summary.ID}
		if err := job.readVertices(ctx, client); err != nil && !flink.NotFound(err) {
			return nil, err
		}
		found = append(found, job)
	}
	slices.SortFunc(found, func(a, b Job) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// producer finds the operator in the name of a metric of a Kafka producer, writer that in
// the name of a metric of any sink.
var (
	producer = regexp.MustCompile(`^(.+?)(?:__Writer)?\.KafkaProducer\.`)
	writer   = regexp.MustCompile(`^(.+)__Writer\.numRecordsSend$`)
)

// readVertices adds what the names of the metrics of the job's vertices tell.
func (d *Job) readVertices(ctx context.Context, client *flink.Client) error {
	details, err := client.Job(ctx, d.ID)
	if err != nil {
		return err
	}
	sources := details.Plan.Sources()
	partitions, sinks := map[string]*readTopic{}, map[string]*Sink{}
	for _, v := range details.Vertices {
		names, err := client.VertexNames(ctx, d.ID, v.ID)
		if err != nil {
			return err
		}
		for _, name := range names {
			if sources[v.ID] {
				addTopic(partitions, name, v.Name)
			}
			addSink(sinks, name, v.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(partitions)) {
		read := partitions[name]
		read.Partitions = len(read.partitions)
		d.Topics = append(d.Topics, read.Topic)
	}
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		d.Sinks = append(d.Sinks, *sinks[name])
	}
	return nil
}

// readTopic is a topic with the numbers of its partitions.
type readTopic struct {
	Topic
	partitions map[string]struct{}
}

func addTopic(topics map[string]*readTopic, metric, vertex string) {
	name, number, ok := flink.KafkaPartition(metric)
	if !ok {
		return
	}
	topic := topics[name]
	if topic == nil {
		topic = &readTopic{
			Topic:      Topic{Name: name, Ambiguous: strings.Contains(name, "_"), Metric: metric, Vertex: vertex},
			partitions: map[string]struct{}{},
		}
		topics[name] = topic
	}
	topic.Metric = min(topic.Metric, metric)
	topic.partitions[number] = struct{}{}
}

func addSink(sinks map[string]*Sink, metric, vertex string) {
	kafka := producer.FindStringSubmatch(metric)
	m := kafka
	if m == nil {
		m = writer.FindStringSubmatch(metric)
	}
	if m == nil {
		return
	}
	if sinks[m[1]] == nil {
		sinks[m[1]] = &Sink{Operator: m[1], Vertex: vertex}
	}
	sinks[m[1]].Kafka = sinks[m[1]].Kafka || kafka != nil
}
