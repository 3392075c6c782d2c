package synthetic_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// The tests of the whole probe run in a bubble of testing/synctest: Kafka (kfake),
// Elasticsearch and the job are real servers with real clients, but the network is in
// memory, and time jumps when all goroutines wait. An outage of a minute takes
// milliseconds and always has the same result.

const (
	brokerAddress  = "localhost:19092"
	elasticAddress = "localhost:19200"
)

// stack is a probe with its servers and its job.
type stack struct {
	t       *testing.T
	ctx     context.Context // of the bubble
	network *synthetictest.Network
	cluster *kfake.Cluster
	elastic *elasticsearchtest.Server
	job     *fakeJob
	history *synthetictest.History
	options synthetic.Options
	// The sections for the sinks.
	kafka         *kafka.Config
	elasticsearch *elasticsearch.Config
	sinks         []sinks.Config
	// superuser is the user of all clients except the probe in a cluster with ACLs.
	superuser []kgo.Opt
	prober    *synthetic.Prober
	metrics   *prometheus.Registry // of the running prober
	stop      func()               // ends the running prober in order
}

// run makes a stack in a bubble and runs a test in it.
func run(t *testing.T, test func(t *testing.T, s *stack), opts ...kfake.Opt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stack{
			t: t, ctx: t.Context(), network: synthetictest.NewNetwork(), history: synthetictest.NewHistory(),
			stop: func() {},
		}
		cluster, err := kfake.NewCluster(append([]kfake.Opt{
			kfake.NumBrokers(1), kfake.Ports(19092), kfake.ListenFn(s.network.Listen),
			kfake.SeedTopics(4, "orders"), kfake.SeedTopics(2, "orders-enriched", "orders-alerts"),
		}, opts...)...)
		require.NoError(t, err)
		defer cluster.Close()
		s.cluster = cluster
		s.elastic = elasticsearchtest.NewServer("orders")
		defer s.serveElastic()()
		s.options = s.defaults()
		defer func() { s.stop() }()
		test(t, s)
	})
}

// serveElastic starts the fake Elasticsearch and returns how to stop it.
func (s *stack) serveElastic() (stop func()) {
	listener, err := s.network.Listen("tcp", elasticAddress)
	require.NoError(s.t, err)
	server := &http.Server{Handler: s.elastic}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when the test closes it
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}

func (s *stack) defaults() synthetic.Options {
	cfg := synthetic.DefaultConfig()
	cfg.Job, cfg.Topic = "orders enrichment", "orders"
	cfg.Template = `{"order_id":"{{.Seed}}","seed":"{{.Seed}}","customer_id":"{{.Key}}","created_at":{{.SentAt}}}`
	cfg.ReadBudget = units.MiB
	es := elasticsearch.DefaultConfig()
	es.URLs = []string{"http://" + elasticAddress}
	s.kafka, s.elasticsearch = &kafka.Config{Brokers: []string{brokerAddress}}, &es
	s.sinks = []sinks.Config{
		{Name: "enriched", Kafka: &kafka.SinkConfig{Topic: "orders-enriched", Isolation: "read_committed"}},
		{Name: "alerts", Kafka: &kafka.SinkConfig{Topic: "orders-alerts", Isolation: "read_committed"}},
		{
			Name: "search",
			Elasticsearch: &elasticsearch.SinkConfig{
				Index: "orders", SeedField: "seed", IngestedField: "ingested_at", IndexedField: "indexed_at",
				Cleanup: "delete",
			},
		},
	}
	return synthetic.Options{Config: &cfg, Cluster: "test", History: s.history, Log: slog.New(slog.DiscardHandler)}
}

// open makes a prober on a new registry.
func (s *stack) open() (*synthetic.Prober, error) {
	s.metrics = prometheus.NewPedanticRegistry()
	o := s.options
	o.Registerer = s.metrics
	var err error
	o.Source, o.Sinks, err = sinks.Open(s.sinks, sinks.Servers{
		Kafka: s.kafka, Elasticsearch: s.elasticsearch, Probe: o.Config, Registerer: s.metrics, Log: o.Log,
		Dial: s.network.Dial,
	})
	require.NoError(s.t, err)
	return synthetic.New(o)
}

// start runs a new prober, like a new process.
func (s *stack) start() *synthetic.Prober {
	s.t.Helper()
	p, err := s.open()
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.Run(ctx); err != nil {
			s.t.Error(err)
		}
	}()
	s.prober = p
	s.stop = func() {
		cancel()
		<-done
		s.stop = func() {}
	}
	return p
}

// kill ends the prober like kill -9, from the view of the history: from one moment on
// it stores nothing, and the connections are closed.
func (s *stack) kill() {
	left := s.history
	s.history = left.Copy()
	left.Fail(errors.New("killed"))
	s.options.History = s.history
	s.stop()
}

// sleep lets time pass.
func (s *stack) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// balanced checks the account of every sink in the history and in the metrics, and
// compares the two.
func (s *stack) balanced() {
	s.t.Helper()
	totals, err := s.history.Totals()
	require.NoError(s.t, err)
	for _, shown := range s.prober.Status().Accounts {
		require.True(s.t, shown.Balanced(), "%+v", shown)
		for _, stored := range totals {
			if stored.Sink != shown.Sink {
				continue
			}
			require.True(s.t, stored.Balanced(), "%+v", stored)
			require.Equal(s.t, stored.Intended, shown.Intended)
			for _, outcome := range episode.RecordOutcomes() {
				require.Equal(s.t, stored.Outcomes[outcome], shown.Outcomes[outcome], "%s at %s", outcome, shown.Sink)
			}
		}
	}
}

// shows returns the value of a metric: the value of a counter or gauge, or the sum of a
// histogram. Labels are in the order of their names.
func (s *stack) shows(name string, labels ...string) float64 {
	s.t.Helper()
	families, err := s.metrics.Gather()
	require.NoError(s.t, err)
	for _, family := range families {
		if family.GetName() != "flink_sidecar_probe_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			var values []string
			for _, label := range m.GetLabel() {
				values = append(values, label.GetValue())
			}
			if slices.Equal(values, labels) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetHistogram().GetSampleSum()
			}
		}
	}
	require.Fail(s.t, "no such metric", "%s %v", name, labels)
	return 0
}

// hasSeries reports whether a metric has a series.
func (s *stack) hasSeries(name string) bool {
	s.t.Helper()
	families, err := s.metrics.Gather()
	require.NoError(s.t, err)
	for _, family := range families {
		if family.GetName() == "flink_sidecar_probe_"+name {
			return true
		}
	}
	return false
}

// hopNames are the names of hops.
func hopNames(hops []episode.Hop) (names []string) {
	for _, hop := range hops {
		names = append(names, hop.Name)
	}
	return names
}

// up returns the contacted targets, and whether they are usable.
func (s *stack) up() map[string]bool {
	up := map[string]bool{}
	for _, target := range s.prober.Targets() {
		if target.Up != nil {
			up[target.Name] = *target.Up
		}
	}
	return up
}

// client returns a client with all rights that is independent of the probe and of cuts
// of the network.
func (s *stack) client(opts ...kgo.Opt) *kgo.Client {
	opts = append(opts, kgo.SeedBrokers(brokerAddress), kgo.Dialer(s.network.DialContext))
	client, err := kgo.NewClient(append(opts, s.superuser...)...)
	require.NoError(s.t, err)
	return client
}

// sent returns the records of the source topic.
func (s *stack) sent() []*kgo.Record {
	s.t.Helper()
	client := s.client(kgo.ConsumeTopics("orders"))
	defer client.Close()
	var there int64
	for _, partition := range s.cluster.PartitionInfos("orders") {
		there += partition.HighWatermark
	}
	var records []*kgo.Record
	for int64(len(records)) < there {
		records = append(records, client.PollFetches(s.ctx).Records()...)
	}
	slices.SortFunc(records, func(a, b *kgo.Record) int { return strings.Compare(string(a.Value), string(b.Value)) })
	return records
}

// fakeJob is the pipeline under test: it reads orders and writes them to the sinks.
type fakeJob struct {
	s      *stack
	client *kgo.Client
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu sync.Mutex
	// enriched, alerts and indexed are the times from the job to each sink. Below zero,
	// the record never arrives there.
	enriched, alerts, indexed time.Duration
	copies                    int // of each record at each Kafka sink, 500 ms apart
	read                      int
	onRead                    func(partition int32, offset int64) // nil in most tests
}

// startJob runs a job with short times to all sinks.
func (s *stack) startJob() *fakeJob {
	client := s.client(
		kgo.ConsumeTopics("orders"), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()),
		kgo.DisableIdempotentWrite(),
		kgo.MetadataMaxAge(10*time.Second),
	)
	ctx, cancel := context.WithCancel(s.ctx)
	j := &fakeJob{
		s: s, client: client, cancel: cancel, enriched: 20 * time.Millisecond, alerts: 30 * time.Millisecond,
		indexed: 100 * time.Millisecond, copies: 1,
	}
	j.work.Go(func() { j.run(ctx) })
	s.job = j
	s.sleep(10 * time.Second) // its first fetch may ask for some partitions only, and wait
	return j
}

// end stops the job and waits until all its goroutines have ended.
func (j *fakeJob) end() {
	j.cancel()
	j.work.Wait()
	j.client.Close()
}

func (j *fakeJob) set(change func(j *fakeJob)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(j)
}

func (j *fakeJob) run(ctx context.Context) {
	for ctx.Err() == nil {
		for _, r := range j.client.PollFetches(ctx).Records() {
			j.mu.Lock()
			j.read++
			if j.onRead != nil {
				j.onRead(r.Partition, r.Offset)
			}
			enriched, alerts, indexed, copies := j.enriched, j.alerts, j.indexed, j.copies
			j.mu.Unlock()
			for i := range copies {
				after := time.Duration(i) * 500 * time.Millisecond
				j.writeAfter(ctx, enriched, after, func() { j.produce(ctx, "orders-enriched", r) })
				j.writeAfter(ctx, alerts, after, func() { j.produce(ctx, "orders-alerts", r) })
			}
			ingested := time.Now()
			j.writeAfter(ctx, indexed, 0, func() { j.index(r, ingested) })
		}
	}
}

func (j *fakeJob) writeAfter(ctx context.Context, d, more time.Duration, write func()) {
	if d < 0 {
		return
	}
	j.work.Go(func() {
		if wait.For(ctx, d+more) == nil {
			write()
		}
	})
}

func (j *fakeJob) produce(ctx context.Context, topic string, r *kgo.Record) {
	j.client.Produce(ctx, &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value}, nil)
}

func (j *fakeJob) index(r *kgo.Record, ingested time.Time) {
	for _, seed := range payload.FindSeeds(r.Value) {
		j.s.elastic.Put(seed, map[string]any{
			"seed": seed, "ingested_at": ingested.UnixMilli(), "indexed_at": time.Now().UTC().Format(time.RFC3339Nano),
		})
	}
}

// background writes some bytes of normal records to a topic.
func (s *stack) background(topic string, bytes int) {
	client := s.client(kgo.ProducerBatchCompression(kgo.NoCompression()))
	defer client.Close()
	value := []byte(`{"order_id":"` + strings.Repeat("4711", 250) + `"}`)
	for written := 0; written < bytes; written += len(value) {
		client.Produce(s.ctx, &kgo.Record{Topic: topic, Value: value}, nil)
	}
	require.NoError(s.t, client.Flush(s.ctx))
}

// modelDuration converts d to the type of the configuration.
func modelDuration(d time.Duration) model.Duration { return model.Duration(d) }
