package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const (
	sourceTopic   = "orders"
	enrichedTopic = "orders-enriched"
	alertsTopic   = "orders-alerts"
)

// topics are created before the job starts, which would otherwise restart for ever.
var topics = []struct {
	name       string
	partitions int32
}{
	{sourceTopic, 4},
	{enrichedTopic, 2},
	{alertsTopic, 2},
}

// kafka is one KRaft broker that is its own controller.
func (s *Stack) kafka() supervisor.Service {
	row := s.Row("kafka", s.ports.Kafka)
	row.Prepare = func(ctx context.Context) error {
		_, err := s.shelf.get(ctx, "kafka")
		return err
	}
	row.Launch = s.launchKafka
	row.Ready = func(ctx context.Context) error {
		return s.withKafka(func(admin *kadm.Client) error {
			_, err := admin.BrokerMetadata(ctx)
			return err
		})
	}
	row.Settle = s.createTopics
	return row
}

func (s *Stack) launchKafka(ctx context.Context) (*process.Process, error) {
	lib, err := s.shelf.get(ctx, "kafka")
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		s.layout.Write("kafka/server.properties", s.kafkaConfig()),
		s.layout.Write("kafka/log4j2.properties", consoleLog),
	)
	if err != nil {
		return nil, err
	}
	java := []string{
		s.jdk.Java(), serial, quick, "-Xms256m", "-Xmx256m",
		"-Dlog4j.configurationFile=" + s.layout.In("kafka", "log4j2.properties"), "-cp", lib + "/*",
	}
	if err := s.formatKafka(ctx, java); err != nil {
		return nil, err
	}
	return process.Start(s.Spec("kafka", append(java, "kafka.Kafka", s.layout.In("kafka", "server.properties"))))
}

// formatKafka gives the broker its storage, once per data directory.
func (s *Stack) formatKafka(ctx context.Context, java []string) error {
	_, err := os.Stat(s.layout.In("kafka", "data", "meta.properties"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	id := make([]byte, 16) // Kafka wants a UUID as 22 characters of base64url
	_, _ = rand.Read(id)   // never fails
	id[0] &= 0x7f          // and one that begins with '-' would look like an option
	args := append(java[1:len(java):len(java)], "kafka.tools.StorageTool", "format",
		"-t", base64.RawURLEncoding.EncodeToString(id), "-c", s.layout.In("kafka", "server.properties"))
	output, err := exec.CommandContext(ctx, java[0], args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("kafka: cannot format its storage: %w\n%s", err, output)
	}
	return nil
}

func (s *Stack) kafkaConfig() string {
	broker, controller := ports.Loopback(s.ports.Kafka), ports.Loopback(s.ports.KafkaController)
	return fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@%[2]s
listeners=PLAINTEXT://%[1]s,CONTROLLER://%[2]s
advertised.listeners=PLAINTEXT://%[1]s
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=%[3]s
auto.create.topics.enable=false
# One broker: no replicas, and no dozens of partitions for internal topics.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# Each partition keeps the last 256 MB, however long the stack runs.
log.retention.bytes=268435456
log.segment.bytes=67108864
# The default of 128 MB would be half of this heap.
log.cleaner.dedupe.buffer.size=2097152
`, broker, controller, s.layout.In("kafka", "data"))
}

// createTopics creates the missing topics.
func (s *Stack) createTopics(ctx context.Context) error {
	return s.withKafka(func(admin *kadm.Client) error {
		for _, topic := range topics {
			_, err := admin.CreateTopic(ctx, topic.partitions, 1, nil, topic.name)
			if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
				return fmt.Errorf("topic %s: %w", topic.name, err)
			}
		}
		return nil
	})
}

// withKafka passes a new admin client for one use. A permanent client would keep dialling
// an unreachable broker.
func (s *Stack) withKafka(use func(*kadm.Client) error) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...), kgo.ClientID("local-stack"))
	if err != nil {
		return err
	}
	defer client.Close()
	return use(kadm.NewClient(client))
}
