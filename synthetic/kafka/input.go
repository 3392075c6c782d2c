package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Input looks at the topic that the job reads. It reads a record only to learn its age.
type Input struct {
	use    topicUse
	opts   []kgo.Opt
	client *kgo.Client
	admin  *kadm.Client
}

// NewInput opens a client for the topic of the probe; it connects at the first call of Ends.
// A nil dial means the network.
func NewInput(cfg *Config, topic string, dial synthetic.DialFunc) (*Input, error) {
	opts, err := cfg.clientOptions(dial)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, cfg.explain(err)
	}
	return &Input{use: cfg.writing(topic), opts: opts, client: client, admin: kadm.NewClient(client)}, nil
}

// Ends returns the end offset of each partition: the offset that the next record gets.
func (i *Input) Ends(ctx context.Context) (map[int32]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	return endsOf(ctx, i.admin, i.use)
}

// Close ends the connections.
func (i *Input) Close() { i.client.Close() }

// endsOf asks the brokers for the end offset of each partition.
func endsOf(ctx context.Context, admin *kadm.Client, use topicUse) (map[int32]int64, error) {
	listed, err := until(ctx, func() (kadm.ListedOffsets, error) { return admin.ListEndOffsets(ctx, use.topic) })
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, use.explain(err)
	}
	ends := map[int32]int64{}
	for partition, at := range listed[use.topic] {
		ends[partition] = at.Offset
	}
	return ends, nil
}
