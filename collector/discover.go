package collector

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Discovered is a running job and the Kafka topics that its sources read, as far as their
// metrics show.
type Discovered struct {
	Name, ID string
	// Topics are sorted by name. It is empty for a job that reads no Kafka, has not read
	// a record yet, or has its Kafka metrics switched off.
	Topics []Topic
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
}

// Discover lists the running jobs of a cluster and the topics they read, to fill a first
// configuration.
func Discover(ctx context.Context, client *flink.Client) ([]Discovered, error) {
	summaries, err := client.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	// The first request for metrics makes Flink fetch them.
	if _, err := client.TaskManagerNames(ctx); err != nil {
		return nil, err
	}
	if wait.For(ctx, settleTime) != nil {
		return nil, ctx.Err()
	}
	var found []Discovered
	for _, summary := range summaries {
		if summary.Ended() {
			continue
		}
		topics, err := topicsOf(ctx, client, summary.ID)
		if err != nil && !flink.NotFound(err) {
			return nil, err
		}
		found = append(found, Discovered{Name: summary.Name, ID: summary.ID, Topics: topics})
	}
	slices.SortFunc(found, func(a, b Discovered) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// partition finds topic and partition in the name of a Kafka source's metric.
var partition = regexp.MustCompile(`\.KafkaSourceReader\.topic\.([^.]+)\.partition\.(\d+)\.currentOffset$`)

func topicsOf(ctx context.Context, client *flink.Client, job string) ([]Topic, error) {
	details, err := client.Job(ctx, job)
	if err != nil {
		return nil, err
	}
	sources := sourceIDs(details.Plan)
	partitions := map[string]map[string]struct{}{}
	for _, v := range details.Vertices {
		if !sources[v.ID] {
			continue
		}
		names, err := client.VertexNames(ctx, job, v.ID)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if m := partition.FindStringSubmatch(name); m != nil {
				if partitions[m[1]] == nil {
					partitions[m[1]] = map[string]struct{}{}
				}
				partitions[m[1]][m[2]] = struct{}{}
			}
		}
	}
	var topics []Topic
	for _, name := range slices.Sorted(maps.Keys(partitions)) {
		topics = append(topics, Topic{
			Name: name, Ambiguous: strings.Contains(name, "_"),
			Partitions: len(partitions[name]),
		})
	}
	return topics, nil
}
