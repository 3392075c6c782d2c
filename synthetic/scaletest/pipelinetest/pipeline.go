// Package pipelinetest is a job between a fake Kafka and a fake Elasticsearch, with a
// behaviour that a test plants: delays, stalls, limits, losses, duplicates and records in
// another order.
package pipelinetest

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

const (
	elasticAddress = "localhost:19200"
	sinkPartitions = 2
)

// Stack is Kafka, Elasticsearch and the job, in a bubble of testing/synctest.
type Stack struct {
	t       *testing.T
	Network *synthetictest.Network // nil on ports of this machine
	Cluster *kfake.Cluster
	Elastic *elasticsearchtest.Server
	// Brokers and ElasticURL are the addresses of the servers.
	Brokers    []string
	ElasticURL string
	job        *job
}

// Start makes a stack and starts its job. All of it ends with the test.
func Start(t *testing.T, b Behaviour, opts ...kfake.Opt) *Stack {
	t.Helper()
	network := synthetictest.NewNetwork()
	s := &Stack{t: t, Network: network, Elastic: elasticsearchtest.NewServer("orders")}
	s.brokers(append(opts, kfake.Ports(19092), kfake.ListenFn(network.Listen)))
	listener, err := network.Listen("tcp", elasticAddress)
	require.NoError(t, err)
	s.serve(listener)
	s.run(b, kgo.Dialer(network.DialContext))
	return s
}

// StartLocal does the same on ports of this machine, in real time, for programs that can't be
// in a bubble. The addresses are in Brokers and ElasticURL.
func StartLocal(t *testing.T, b Behaviour) *Stack {
	t.Helper()
	s := &Stack{t: t, Elastic: elasticsearchtest.NewServer("orders")}
	s.brokers(nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	require.NoError(t, err)
	s.serve(listener)
	s.run(b)
	return s
}

func (s *Stack) brokers(opts []kfake.Opt) {
	var err error
	s.Cluster, err = kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1),
		kfake.SeedTopics(4, "orders"), kfake.SeedTopics(sinkPartitions, "orders-enriched", "orders-alerts"),
	}, opts...)...)
	require.NoError(s.t, err)
	s.t.Cleanup(s.Cluster.Close)
	s.Brokers = s.Cluster.ListenAddrs()
}

func (s *Stack) serve(listener net.Listener) {
	s.ElasticURL = "http://" + listener.Addr().String()
	server := &http.Server{Handler: s.Elastic}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when the test closes it
	}()
	s.t.Cleanup(func() { _ = server.Close(); <-done })
}

// Options are those of a scale test on the stack.
func (s *Stack) Options(plan scaletest.Plan) scaletest.Options {
	probe := synthetic.DefaultConfig()
	probe.Job, probe.Topic = "orders enrichment", "orders"
	probe.Template = `{"order_id":"{{.Seed}}","seed":"{{.Seed}}","customer_id":"{{.Key}}","created_at":{{.SentAt}}}`
	probe.PollInterval = model.Duration(100 * time.Millisecond)
	cfg := scaletest.DefaultConfig()
	cfg.Cutoff = model.Duration(10 * time.Second)
	cfg.Allow = scaletest.Allow{
		Topics: []string{"orders", "orders-enriched", "orders-alerts"}, Indices: []string{"orders"},
	}
	elastic := elasticsearch.DefaultConfig()
	elastic.URLs = []string{s.ElasticURL}
	plan.Iterations = max(1, plan.Iterations)
	plan.Shape = cmp.Or(plan.Shape, load.Steady)
	plan.Label = cmp.Or(plan.Label, "baseline")
	plan.MaxRecords = cmp.Or(plan.MaxRecords, scaletest.DefaultMaxRecords)
	o := scaletest.Options{
		Plan: plan, Config: &cfg, Probe: &probe, Kafka: &kafka.Config{Brokers: s.Brokers},
		Elasticsearch: &elastic, Dial: s.Network.Dial, Log: slog.New(slog.DiscardHandler),
		Sinks: []sinks.Config{
			{Name: "enriched", Kafka: &kafka.SinkConfig{Topic: "orders-enriched", Isolation: "read_committed"}},
			{Name: "alerts", Kafka: &kafka.SinkConfig{Topic: "orders-alerts", Isolation: "read_committed"}},
			{Name: "search", Elasticsearch: &elasticsearch.SinkConfig{
				Index: "orders", SeedField: "seed", IngestedField: "ingested_at", IndexedField: "indexed_at", Cleanup: "delete",
			}},
		},
		Subject: scaletest.Subject{Cluster: "test", Job: probe.Job, Deployment: "a1", Run: "run"},
	}
	if at := s.job.behaviour.Directory; at != "" {
		cfg.Allow.Directories = []string{at}
		o.Sinks = append(o.Sinks, sinks.Config{Name: "archive", Files: &files.SinkConfig{Directory: at}})
	}
	return o
}

func (s *Stack) run(b Behaviour, opts ...kgo.Opt) {
	client, err := kgo.NewClient(append(opts,
		kgo.SeedBrokers(s.Brokers...), kgo.ProducerLinger(0),
		kgo.ConsumeTopics("orders"), kgo.ConsumeStartOffset(kgo.NewOffset().AtEnd()),
		kgo.FetchMaxWait(500*time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)...)
	require.NoError(s.t, err)
	s.job = &job{
		behaviour: b, elastic: s.Elastic, client: client, wake: make(chan struct{}, 1), held: map[int32]*emission{},
		random: rand.New(rand.NewPCG(b.Seed, 0)), parts: map[int32]*os.File{},
	}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { s.job.read(ctx) })
	work.Go(func() { s.job.emit(ctx) })
	s.t.Cleanup(func() { stop(); work.Wait(); client.Close(); s.job.closeParts() })
	_ = wait.For(ctx, 100*time.Millisecond) // the job knows where the topic ends
}
