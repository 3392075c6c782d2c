// Package sinktest is the conformance suite for a kind of sink. Each kind runs it with
// a fake server:
//
//	func TestConformance(t *testing.T) { sinktest.Run(t, newFixture) }
//
// Each test runs in a bubble of testing/synctest with a real prober, so servers must
// use the in-memory network of synthetictest.
package sinktest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// Fixture is one sink with its server.
type Fixture struct {
	// Spec returns the sink. A new process calls it again.
	Spec func() synthetic.SinkSpec
	// Write puts a record into the sink, as the job does. Each call writes to a new
	// place.
	Write func(seed string)
	// Cut makes the server unreachable, Mend makes it reachable again.
	Cut, Mend func()
	// Remove deletes the topic or index, Create creates it again.
	Remove, Create func()
	// Error is the maximum error of a measured latency.
	Error time.Duration
}

// bench is a prober with one sink, and a source that stores every record.
type bench struct {
	t       *testing.T
	fixture Fixture
	history *synthetictest.History
	metrics *prometheus.Registry
	source  *source
	prober  *synthetic.Prober
	stop    func()
}

// inBubble runs a test with a prober that sends on demand.
func inBubble(t *testing.T, start func(*testing.T) Fixture, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, fixture: start(t), history: synthetictest.NewHistory(), source: &source{}, stop: func() {}}
		defer func() { b.stop() }()
		test(b)
	})
}

func (b *bench) open(o synthetic.Options) (*synthetic.Prober, error) {
	cfg := synthetic.DefaultConfig()
	cfg.Job, cfg.Topic, cfg.Template = "job", "source", `{"seed":"{{.Seed}}"}`
	cfg.MaxRate = 1000
	b.metrics = prometheus.NewPedanticRegistry()
	o.Config, o.OnDemand, o.History = &cfg, true, b.history
	o.Log = slog.New(slog.DiscardHandler)
	o.Source = synthetic.SourceSpec{Target: "source", Open: func() (synthetic.Source, error) { return b.source, nil }}
	o.Sinks = append([]synthetic.SinkSpec{b.fixture.Spec()}, o.Sinks...)
	o.Registerer = b.metrics
	return synthetic.New(o)
}

// start runs a prober, like a new process.
func (b *bench) start() {
	b.t.Helper()
	p, err := b.open(synthetic.Options{})
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(ctx) // the error is always nil
	}()
	b.prober = p
	b.stop = func() {
		cancel()
		<-done
		b.stop = func() {}
	}
	synctest.Wait()
}

// kill ends the prober like kill -9, from the view of the history.
func (b *bench) kill() {
	before := b.history
	b.history = before.Copy()
	before.Fail(errors.New("killed"))
	b.stop()
}

// after makes the job write each record with a delay.
func (b *bench) after(d time.Duration) {
	b.source.set(func(seed string) {
		time.AfterFunc(d, func() { b.fixture.Write(seed) })
	})
}

// round sends one record and returns the measurement.
func (b *bench) round() episode.Measurement {
	b.t.Helper()
	m, err := b.prober.Round(b.t.Context(), 1)
	require.NoError(b.t, err)
	return m
}

// outcomes returns the outcomes of the sink's records in history, without zeros.
func (b *bench) outcomes() map[episode.RecordOutcome]int64 {
	account := b.history.Account(b.t, b.fixture.Spec().Name)
	require.True(b.t, account.Balanced(), "%+v", account)
	found := map[episode.RecordOutcome]int64{}
	for outcome, n := range account.Outcomes {
		if n != 0 {
			found[outcome] = n
		}
	}
	return found
}

func (b *bench) target() synthetic.Target {
	for _, target := range b.prober.Targets() {
		if target.Name == b.fixture.Spec().Target {
			return target
		}
	}
	b.t.Fatal("the sink's target is missing")
	return synthetic.Target{}
}

// source stores every record at once.
type source struct {
	mu     sync.Mutex // protects what follows
	stored func(seed string)
	closed int
}

func (s *source) set(stored func(seed string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = stored
}

// Partitions implements synthetic.Source.
func (s *source) Partitions(context.Context) ([]int32, error) { return []int32{0}, nil }

// Produce implements synthetic.Source.
func (s *source) Produce(_ context.Context, r synthetic.Record, done func(offset int64, err error)) {
	s.mu.Lock()
	stored := s.stored
	s.mu.Unlock()
	done(-1, nil)
	if stored != nil {
		stored(r.Seed)
	}
}

// Close implements synthetic.Source.
func (s *source) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
}

func (s *source) closings() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
