package firstconfig

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// Payload is the template of the synthetic records.
type Payload struct {
	Text string
	// SeedField is the field with the seed.
	SeedField string
	// Notes say where it comes from.
	Notes   []string
	Unknown bool
}

// Sampler reads the newest records of a topic. shown is its name in metrics, and topic
// the name that the brokers have.
type Sampler func(ctx context.Context, from kafka.Config, shown string) (topic string, newest []kafka.Sampled, err error)

// fromKafka is the sampler of a cluster.
func fromKafka(ctx context.Context, from kafka.Config, shown string) (string, []kafka.Sampled, error) {
	return from.Sample(ctx, shown, nil)
}

func unknownPayload() Payload {
	return Payload{
		Unknown: true, SeedField: "seed",
		Notes: []string{
			"not known: Flink does not see records. Write one that the job accepts, or use init --sample.",
			"The seed must reach every sink. The key is one of a few, so that keyed state does not grow.",
		},
		Text: `{"seed": "{{.Seed}}", "customer": "{{.Key}}", "sent_at": {{.SentAt}}, "` + config.PlaceholderFields + `": 0}`,
	}
}

// sample makes the payload from a record of the source topic.
func (p *Probe) sample(ctx context.Context, o Options) error {
	if p.Brokers[0].Unknown {
		return errors.New("the job's settings do not name the brokers, so no record can be sampled " +
			"(add --kafka.brokers=HOST:PORT)")
	}
	from, read := o.Kafka, o.Sampler
	if read == nil {
		read = fromKafka
	}
	from.Brokers = nil
	for _, b := range p.Brokers {
		from.Brokers = append(from.Brokers, b.Text)
	}
	topic, newest, err := read(ctx, from, p.Topic.Text)
	if err != nil {
		return fmt.Errorf("no record can be sampled: %w", err)
	}
	if topic != p.Topic.Text {
		p.Topic = Value{Text: topic, From: p.Topic.From + "; the brokers have it as " + topic}
	}
	for _, record := range newest {
		if len(payload.FindSeeds(record.Value)) > 0 {
			continue // of a probe
		}
		if found, err := payloadOf(record); err == nil {
			p.Payload = found
			return nil
		}
	}
	return fmt.Errorf("none of the %d newest records of topic %s is a JSON object (leave --sample out, and write "+
		"probe.template by hand)", len(newest), topic)
}
