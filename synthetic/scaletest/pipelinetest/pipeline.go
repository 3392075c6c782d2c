// Package pipelinetest is a job between a fake Kafka and a fake Elasticsearch, with a
// behaviour that a test plants: delays, stalls, limits, losses, duplicates and records in
// another order.
package pipelinetest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

const (
	elasticAddress = "localhost:19200"
	sinkPartitions = 2
)

// Fate is what becomes of one record.
type Fate struct {
	// Delay is the time from the job's reading to the sinks.
	Delay time.Duration
	// Lost records reach no sink, Twice records reach each sink two times.
	Lost, Twice bool
	// Behind puts the record after the next one of its partition.
	Behind bool
	// NoSeed removes everything that identifies the record.
	NoSeed bool
	// NewKey gives the record another key.
	NewKey bool
	// ClockAhead is how far the clock of the job's machine is ahead when it stamps the record.
	ClockAhead time.Duration
}

// Behaviour plants what the job does.
type Behaviour struct {
	// Fate returns what becomes of the record with an index; nil means at once.
	Fate func(index int) Fate
	// Limit is the most records per second; 0 is no limit.
	Limit float64
	// Jitter makes each record take up to so much more or less of its time, as a share; Seed chooses
	// by how much.
	Jitter float64
	Seed   uint64
	// LaterLimit replaces Limit after LimitFor records; 0 records is never.
	LimitFor   int
	LaterLimit float64
	// StallFrom and StallFor are a time, counted from the first record, in which nothing
	// reaches a sink.
	StallFrom, StallFor time.Duration
	// Commits is the time between the moments at which records reach the sinks, as with
	// transactions that end at checkpoints; 0 is at once.
	Commits time.Duration
	// Directory is where the job writes files too, one for each partition of a sink; empty is none.
	Directory string
	// Wrote gets the seed of each record when it is in the sinks; nil for none.
	Wrote func(seed string, at time.Time)
}

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

// job reads the source topic and writes to the sinks.
type job struct {
	behaviour Behaviour
	elastic   *elasticsearchtest.Server
	client    *kgo.Client
	wake      chan struct{} // of capacity 1: something was read

	mu      sync.Mutex // protects the following fields
	waiting []emission // in the order in which they are due
	began   time.Time  // of the first record
	free    time.Time  // when the limit allows the next record
	taken   int
	written int
	parts   map[int32]*os.File
	held    map[int32]*emission // records that wait for the next one of their partition
	random  *rand.Rand
}

// emission is a record on its way to the sinks.
type emission struct {
	due       time.Time
	read      time.Time
	partition int32
	seed      string
	fate      Fate
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

func (j *job) read(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := j.client.PollFetches(ctx)
		now := time.Now()
		fetches.EachRecord(func(r *kgo.Record) { j.take(r, now) })
		select {
		case j.wake <- struct{}{}:
		default:
		}
	}
}

// take plans when a record reaches the sinks.
func (j *job) take(r *kgo.Record, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.began.IsZero() {
		j.began = now
	}
	seed := seedOf(r)
	e := emission{due: now, read: now, partition: r.Partition, seed: seed}
	if j.behaviour.Fate != nil {
		e.fate = j.behaviour.Fate(indexOf(seed))
	}
	e.due = e.due.Add(e.fate.Delay)
	if limit := j.limit(); limit > 0 {
		if j.free.Before(now) {
			j.free = now
		}
		takes := (1 + j.behaviour.Jitter*(2*j.random.Float64()-1)) / limit
		j.free = j.free.Add(time.Duration(takes * float64(time.Second)))
		e.due = j.free
	}
	stalled := j.began.Add(j.behaviour.StallFrom)
	if end := stalled.Add(j.behaviour.StallFor); !e.due.Before(stalled) && e.due.Before(end) {
		e.due = end
	}
	if every := j.behaviour.Commits; every > 0 {
		e.due = j.began.Add(e.due.Sub(j.began).Truncate(every) + every)
	}
	if e.fate.Lost {
		return
	}
	if e.fate.Behind {
		j.held[r.Partition] = &e
		return
	}
	j.plan(e)
	if held := j.held[r.Partition]; held != nil {
		held.due = e.due
		j.plan(*held)
		delete(j.held, r.Partition)
	}
}

// plan keeps the order of due; equal ones stay in the order of their reading.
func (j *job) plan(e emission) {
	at := len(j.waiting)
	for at > 0 && j.waiting[at-1].due.After(e.due) {
		at--
	}
	j.waiting = slices.Insert(j.waiting, at, e)
}

// limit is the limit for the next record, which it counts.
func (j *job) limit() float64 {
	j.taken++
	if j.behaviour.LimitFor > 0 && j.taken > j.behaviour.LimitFor {
		return j.behaviour.LaterLimit
	}
	return j.behaviour.Limit
}

// seedOf returns the seed in the header of a record.
func seedOf(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == payload.SeedHeader {
			return string(h.Value)
		}
	}
	return ""
}

func indexOf(seed string) int {
	i, _ := strconv.Atoi(seed[strings.LastIndex(seed, "-")+1:])
	return i
}

// emit writes what is due.
func (j *job) emit(ctx context.Context) {
	for ctx.Err() == nil {
		j.rest(ctx)
		for _, e := range j.due() {
			j.write(ctx, e)
			if e.fate.Twice {
				j.write(ctx, e)
			}
		}
	}
}

// rest waits until something is due, or something new was read.
func (j *job) rest(ctx context.Context) {
	j.mu.Lock()
	wait := time.Hour
	if len(j.waiting) > 0 {
		wait = time.Until(j.waiting[0].due)
	}
	j.mu.Unlock()
	timer := time.NewTimer(max(wait, time.Microsecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-j.wake:
	case <-timer.C:
	}
}

func (j *job) due() []emission {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for n < len(j.waiting) && !j.waiting[n].due.After(time.Now()) {
		n++
	}
	due := slices.Clone(j.waiting[:n])
	j.waiting = slices.Delete(j.waiting, 0, n)
	return due
}

// write puts one copy of a record into each sink.
func (j *job) write(ctx context.Context, e emission) {
	seed := e.seed
	if e.fate.NoSeed {
		seed = "none"
	}
	value := []byte(`{"seed":"` + seed + `"}`)
	key := []byte(seed)
	if e.fate.NewKey {
		key = []byte("customer")
	}
	for _, topic := range []string{"orders-enriched", "orders-alerts"} {
		j.client.Produce(ctx, &kgo.Record{Topic: topic, Key: key, Value: value, Partition: e.partition % sinkPartitions},
			func(_ *kgo.Record, err error) {
				if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, kgo.ErrClientClosed) {
					panic(err)
				}
			})
	}
	if j.behaviour.Directory != "" {
		j.append(e.partition%sinkPartitions, value)
	}
	j.written++
	j.elastic.Put(strconv.Itoa(j.written), map[string]any{
		"seed": seed, "ingested_at": e.read.Add(e.fate.ClockAhead).UnixMilli(),
		"indexed_at": time.Now().Add(e.fate.ClockAhead).UnixMilli(),
	})
	if j.behaviour.Wrote != nil {
		j.behaviour.Wrote(e.seed, time.Now())
	}
}

// append writes a line to a file, which stays open as that of a real job.
func (j *job) append(part int32, value []byte) {
	if j.parts[part] == nil {
		path := filepath.Join(j.behaviour.Directory, "part-"+strconv.Itoa(int(part)))
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		j.parts[part] = file
	}
	if _, err := j.parts[part].Write(append(value, '\n')); err != nil {
		panic(err)
	}
}

func (j *job) closeParts() {
	for _, file := range j.parts {
		_ = file.Close() // the test has ended
	}
}
