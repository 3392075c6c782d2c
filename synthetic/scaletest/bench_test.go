package scaletest

import (
	"context"
	"flag"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// brokers are those of a real Kafka with the topic orders; without them a fake one is used.
var brokers = flag.String("brokers", "", "addresses of Kafka for the benchmarks of the sender")

// benchRound is that of the payloads.
var benchRound = ulid.Make()

// benchRecords is the number of records of one turn of a benchmark.
const benchRecords = 50_000

// producers are the two sides of the comparison: a plain loop around franz-go, and the
// sender of an iteration with its account. Both send payloads that are ready.
func producers(b *testing.B) (seeds [][]byte, p *payloads, addresses []string) {
	b.Helper()
	if *brokers != "" {
		addresses = strings.Split(*brokers, ",")
	} else {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "orders"))
		require.NoError(b, err)
		b.Cleanup(cluster.Close)
		addresses = cluster.ListenAddrs()
	}
	template, err := synthetic.NewTemplate(`{"seed":"{{.Seed}}","at":{{.SentAt}},"note":"` + strings.Repeat("x", 250) + `"}`)
	require.NoError(b, err)
	p, err = render(template, benchRound, slice{}, benchRecords, []int32{0, 1, 2, 3}, 1)
	require.NoError(b, err)
	return p.seeds, p, addresses
}

// BenchmarkSender is the sender at full speed. Compare its records/s with BenchmarkPlainLoop:
// at least 0.95 of it is wanted.
func BenchmarkSender(b *testing.B) {
	_, p, addresses := producers(b)
	loader, err := kafka.NewLoader(&kafka.Config{Brokers: addresses}, "orders", true, nil)
	require.NoError(b, err)
	defer loader.Close()
	partitions, err := loader.Partitions(b.Context())
	require.NoError(b, err)
	report := reporting(b)
	for b.Loop() {
		l := newLedger(benchRound, benchRecords, len(partitions), 3, time.Now())
		s := &sender{source: loader, ledger: l, payloads: p, partitions: partitions}
		s.send(b.Context())
		require.NoError(b, loader.Flush(b.Context()))
		require.Equal(b, benchRecords, l.expected())
	}
	report()
}

// BenchmarkPlainLoop is franz-go as its documentation shows it.
func BenchmarkPlainLoop(b *testing.B) {
	seeds, p, addresses := producers(b)
	client, err := kgo.NewClient(kgo.SeedBrokers(addresses...), kgo.MaxBufferedRecords(100_000),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(b, err)
	defer client.Close()
	require.NoError(b, client.Ping(b.Context()))
	report := reporting(b)
	for b.Loop() {
		for i := range benchRecords {
			client.Produce(context.Background(), &kgo.Record{
				Topic: "orders", Key: seeds[i], Value: p.values[i], Partition: int32(i % 4),
				Headers: []kgo.RecordHeader{{Key: synthetic.SeedHeader, Value: seeds[i]}},
			}, nil)
		}
		require.NoError(b, client.Flush(b.Context()))
	}
	report()
}

// reporting reports the records per second and the CPU time of this process for a record: on
// a machine that others use, only the second one can be compared.
func reporting(b *testing.B) (report func()) {
	b.Helper()
	began, cpu := time.Now(), cpuTime(b)
	return func() {
		records := benchRecords * float64(b.N)
		b.ReportMetric(records/time.Since(began).Seconds(), "records/s")
		b.ReportMetric(float64(cpuTime(b)-cpu)/records, "cpu-ns/record")
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
