package scaletest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

var (
	// brokers are those of a real Kafka; without them a fake one is used.
	brokers = flag.String("brokers", "", "addresses of Kafka for the benchmarks of the sender")
	// pairsFile gets what each side of each pair took.
	pairsFile = flag.String("pairs", "", "file for the pairs of the benchmark of the sender, as CSV")
)

// benchTopic is made for a benchmark, and removed at its end.
const benchTopic = "flink-sidecar-bench"

// benchRound is that of the payloads.
var benchRound = ulid.Make()

// benchRecords is the number of records of one turn of a benchmark: several times as many as the
// sender makes ready before the first one.
const benchRecords = 300_000

// ready are payloads that are ready to be sent, and the brokers that get them.
func ready(b *testing.B) (p *load.Payloads, addresses []string) {
	b.Helper()
	if *brokers != "" {
		addresses = strings.Split(*brokers, ",")
		makeTopic(b, addresses)
	} else {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, benchTopic))
		require.NoError(b, err)
		b.Cleanup(cluster.Close)
		addresses = cluster.ListenAddrs()
		cluster.ControlKey(int16(kmsg.Produce), acknowledge(cluster))
	}
	template, err := payload.NewTemplate(`{"seed":"{{.Seed}}","at":{{.SentAt}},"note":"` + strings.Repeat("x", 250) + `"}`)
	require.NoError(b, err)
	p, err = load.Render(template, benchRound, load.Part{}, benchRecords, []int32{0, 1, 2, 3}, 1)
	require.NoError(b, err)
	return p, addresses
}

// makeTopic makes the topic in a real Kafka: no job reads it.
func makeTopic(b *testing.B, addresses []string) {
	b.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(addresses...))
	require.NoError(b, err)
	b.Cleanup(client.Close)
	admin := kadm.NewClient(client)
	made, err := admin.CreateTopic(b.Context(), 4, 1, nil, benchTopic)
	require.NoError(b, err)
	require.NoError(b, made.Err)
	b.Cleanup(func() {
		gone, err := admin.DeleteTopic(context.WithoutCancel(b.Context()), benchTopic)
		require.NoError(b, err)
		require.NoError(b, gone.Err)
	})
}

// acknowledge answers every record without storing it: the work of a fake broker in this
// process would hide that of the producer.
func acknowledge(cluster *kfake.Cluster) func(kmsg.Request) (kmsg.Response, error, bool) {
	offset := int64(0)
	return func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		request := r.(*kmsg.ProduceRequest)
		answer := request.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range request.Topics {
			t := kmsg.NewProduceResponseTopic()
			t.Topic, t.TopicID = topic.Topic, topic.TopicID
			for _, partition := range topic.Partitions {
				p := kmsg.NewProduceResponseTopicPartition()
				p.Partition, p.BaseOffset = partition.Partition, offset
				offset += benchRecords
				t.Partitions = append(t.Partitions, p)
			}
			answer.Topics = append(answer.Topics, t)
		}
		return answer, nil, true
	}
}

// BenchmarkSender compares the sender of an iteration, with its account, with a plain loop
// around franz-go, as its documentation shows it. They take turns, so that other work on the
// machine meets both alike, and the result is the median of the ratios of the pairs. At least
// 0.95 of the records per second is wanted. On a machine with other work the CPU time for
// a record is the safer comparison. The sender also writes the time of sending into each
// payload, which the plain loop lacks. It makes its records ready beforehand, and uses them
// again, where the plain loop allocates each.
func BenchmarkSender(b *testing.B) {
	p, addresses := ready(b)
	loader, err := kafka.NewLoader(&kafka.Config{Brokers: addresses}, benchTopic, true, nil)
	require.NoError(b, err)
	defer loader.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(addresses...), kgo.MaxBufferedRecords(100_000),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(b, err)
	defer client.Close()
	partitions, err := loader.Partitions(b.Context())
	require.NoError(b, err)
	var s *sender
	fresh := func() {
		l := newLedger(benchRound, load.Part{}, benchRecords, len(partitions), 3)
		s = &sender{source: loader, ledger: l, payloads: p, partitions: partitions}
		s.prepare(b.Context())
	}
	ours := func() { sendOnce(b, s, loader) }
	plain := func() { plainLoop(b, client, p) }
	fresh()
	ours()
	plain()
	var mine, theirs spent
	for turn := 0; b.Loop(); turn++ {
		fresh()
		if turn%2 == 0 {
			mine.add(b, ours)
			theirs.add(b, plain)
		} else {
			theirs.add(b, plain)
			mine.add(b, ours)
		}
	}
	mine.write(b, theirs)
	b.ReportMetric(medianRatio(theirs.took, mine.took), "records/s-ratio")
	b.ReportMetric(medianRatio(theirs.cpu, mine.cpu), "records/cpu-s-ratio")
}

// medianRatio is the median of the ratios of pairs.
func medianRatio(a, b []time.Duration) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i].Seconds() / b[i].Seconds()
	}
	median, _ := stat.Quantile(ratios, 0.5)
	return median
}

func sendOnce(b *testing.B, s *sender, loader *kafka.Loader) {
	b.Helper()
	s.ledger.start = time.Now()
	s.send(b.Context())
	require.NoError(b, loader.Flush(b.Context()))
	require.Equal(b, benchRecords, s.ledger.expected())
}

func plainLoop(b *testing.B, client *kgo.Client, p *load.Payloads) {
	b.Helper()
	for i := range benchRecords {
		client.Produce(context.Background(), &kgo.Record{
			Topic: benchTopic, Key: p.Seeds[i], Value: p.Values[i], Partition: int32(i % 4),
			Headers: []kgo.RecordHeader{{Key: payload.SeedHeader, Value: p.Seeds[i]}},
		}, nil)
	}
	require.NoError(b, client.Flush(b.Context()))
}

// spent is the time and the CPU time of this process, by turn.
type spent struct{ took, cpu []time.Duration }

func (s *spent) add(b *testing.B, work func()) {
	b.Helper()
	runtime.GC() // the garbage of the other side
	began, cpu := time.Now(), cpuTime(b)
	work()
	s.took = append(s.took, time.Since(began))
	s.cpu = append(s.cpu, cpuTime(b)-cpu)
}

// write writes the pairs to the file that was asked for.
func (s *spent) write(b *testing.B, plain spent) {
	b.Helper()
	if *pairsFile == "" {
		return
	}
	text := "pair,sender_seconds,plain_seconds,sender_cpu_seconds,plain_cpu_seconds\n"
	for i := range s.took {
		text += fmt.Sprintf("%d,%.3f,%.3f,%.3f,%.3f\n", i+1, s.took[i].Seconds(), plain.took[i].Seconds(),
			s.cpu[i].Seconds(), plain.cpu[i].Seconds())
	}
	require.NoError(b, os.WriteFile(*pairsFile, []byte(text), 0o600))
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
