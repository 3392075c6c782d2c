package synthetic

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// JobView is what the probe wants to know of the job it probes. Both answers
// may be unknown; the probe then goes on.
type JobView interface {
	// State returns Flink's name of the job's state, "RUNNING" for example.
	State() (state string, known bool)
	// InputRate returns how many records per second the job's sources read.
	InputRate() (recordsPerSecond float64, known bool)
}

// Options is what a Prober is made from. Config, Kafka, Sinks, History and Log are
// needed; Elasticsearch is if a sink is there.
type Options struct {
	Config        *Config
	Kafka         *KafkaConfig
	Elasticsearch *ElasticsearchConfig
	Sinks         []Sink
	// Cluster labels measurements.
	Cluster string
	// OnDemand makes a Prober send nothing but what Round asks for.
	OnDemand bool
	History  History
	Job      JobView // nil: nothing is known
	// Registerer takes the probe's metrics; nil: they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// Dial opens connections to Kafka (unless TLS is on) and Elasticsearch; nil
	// is the network.
	Dial DialFunc

	clock clock // systemClock unless a test sets it
}

// ErrStopped is returned by Round when Run has returned.
var ErrStopped = errors.New("the probe has stopped")

// ErrPaused is returned by Round while the probe is paused.
var ErrPaused = errors.New("the probe is paused (sidecar resume probe)")

// Prober sends synthetic records through a job and accounts for them. Its
// methods are safe for concurrent use; Run is called once.
type Prober struct {
	cfg      Config
	cluster  string
	onDemand bool
	job      JobView
	log      *slog.Logger
	dial     DialFunc
	clock    clock
	payload  *payload
	pacer    pacer

	recorder *recorder
	health   *health
	metrics  *metrics
	recent   recent
	source   *source
	sinks    []string // names, in the order of the configuration
	hops     []string // names, in the order in which a record passes them
	kafka    []*kafkaSink
	elastic  *elasticSink // nil if no sink is there

	paused   atomic.Bool
	waiting  atomic.Pointer[string] // why no round is sent, nil if they are
	roundsIn chan roundRequest
	stopped  chan struct{} // closed when Run returns

	// Only the sending goroutine uses these.
	sequence int64
	lastSent Moment
}

// New makes a Prober. It connects to nobody; an error means that the options
// are not usable: a secret that can't be read, a template that does not render.
func New(o Options) (*Prober, error) {
	if o.clock == nil {
		o.clock = systemClock()
	}
	log := o.Log.With("component", "synthetic")
	p := &Prober{
		cfg: *o.Config, cluster: o.Cluster, onDemand: o.OnDemand, job: o.Job, log: log, dial: o.Dial, clock: o.clock,
		pacer:   pacer{interval: time.Duration(o.Config.Interval), rate: o.Config.MaxRate},
		metrics: newMetrics(), roundsIn: make(chan roundRequest), stopped: make(chan struct{}),
		lastSent: Moment{mono: -time.Hour},
	}
	if err := p.open(o); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// open makes what may fail, in the order in which it depends on each other.
func (p *Prober) open(o Options) error {
	p.nameSinks(o.Sinks)
	p.recorder = newRecorder(o.History, p.sinks, p.clock, p.log)
	p.recorder.observe, p.recorder.stalled = p.observe, p.stalled
	text, err := p.cfg.templateText()
	if err != nil {
		return err
	}
	if p.payload, err = newPayload(text); err != nil {
		return err
	}
	targets := []string{TargetKafka}
	if o.Elasticsearch != nil {
		targets = append(targets, TargetElasticsearch)
	}
	p.health = newHealth(p.clock, p.log, targets...)
	p.source, err = newSource(o.Kafka, &p.cfg, p.dial, p.clock, p.log)
	if err != nil {
		return err
	}
	if err := p.openSinks(o); err != nil {
		return err
	}
	return p.export(o.Registerer)
}

// nameSinks lists sinks and hops in their order.
func (p *Prober) nameSinks(sinks []Sink) {
	p.hops = []string{episode.HopAcknowledged}
	var last []string
	for _, sink := range sinks {
		p.sinks = append(p.sinks, sink.Name)
		if sink.Kafka != nil {
			p.hops = append(p.hops, sink.Name)
			continue
		}
		if sink.Elasticsearch.IngestedField != "" {
			p.hops = slices.Insert(p.hops, 1, episode.HopIngested)
		}
		if sink.Elasticsearch.IndexedField != "" {
			last = append(last, episode.HopIndexed)
		}
		last = append(last, episode.HopVisible)
	}
	p.hops = append(p.hops, last...)
}

func (p *Prober) openSinks(o Options) error {
	budget := newBudget(&p.cfg)
	for _, sink := range o.Sinks {
		if sink.Kafka != nil {
			s, err := newKafkaSink(o.Kafka, sink, p, budget)
			if err != nil {
				return err
			}
			p.kafka = append(p.kafka, s)
			continue
		}
		s, err := newElasticSink(o.Elasticsearch, sink, p)
		if err != nil {
			return err
		}
		p.elastic = s
	}
	return nil
}

func (p *Prober) export(reg prometheus.Registerer) error {
	p.metrics.pollInterval.Set(time.Duration(p.cfg.PollInterval).Seconds())
	if reg == nil {
		return nil
	}
	var kafka []string
	for _, s := range p.kafka {
		kafka = append(kafka, s.name)
	}
	elastic := ""
	if p.elastic != nil {
		elastic = p.elastic.name
	}
	return p.metrics.register(reg, &accountCollector{recorder: p.recorder, inputShare: p.inputShare}, p.hops, kafka, elastic)
}

// observe shows what the history has taken. The recorder calls it.
func (p *Prober) observe(steps []step, samples []sample) {
	for _, s := range samples {
		p.metrics.observe(s)
	}
	p.logLost(steps)
	p.recent.add(event{at: p.clock().wall, steps: steps, samples: samples})
}

// logLost says once per sink that records were lost, and names one of them.
func (p *Prober) logLost(steps []step) {
	lost := map[string][]string{}
	for _, s := range steps {
		if s.to == episode.Lost && s.from == episode.Pending {
			lost[s.sink] = append(lost[s.sink], s.seed)
		}
	}
	for sink, seeds := range lost {
		p.log.Warn("Records lost: in the source topic, but not seen by their cut-off", "sink", sink, "records", len(seeds), "first", slices.Min(seeds))
	}
}

// stalled makes the sinks find out what came while the process stood still.
func (p *Prober) stalled() {
	for _, s := range p.kafka {
		s.stalled()
	}
}

// Run probes until ctx ends. What can't be reached is tried again and shown by
// Up and Status; it never makes Run return. The error is always nil.
func (p *Prober) Run(ctx context.Context) error {
	defer close(p.stopped)
	defer p.close()
	if !p.restore(ctx) {
		return nil
	}
	p.Preflight(ctx)
	var work sync.WaitGroup
	work.Go(func() { p.recorder.write(ctx) })
	work.Go(func() { p.recorder.tick(ctx) })
	for _, s := range p.kafka {
		work.Go(func() { s.run(ctx) })
	}
	if p.elastic != nil {
		work.Go(func() { p.elastic.run(ctx) })
	}
	p.sendRounds(ctx)
	work.Wait()
	return nil
}

// restore takes up the records of earlier processes, however often it takes.
func (p *Prober) restore(ctx context.Context) bool {
	for wait := firstHistoryRetry; ; wait = min(2*wait, lastHistoryRetry) {
		err := p.recorder.restore(time.Duration(p.cfg.Cutoff))
		if err == nil {
			return true
		}
		p.log.Error("Nothing is sent before the history can be read", "err", err, "retry_in", wait)
		if !Sleep(ctx, wait) {
			return false
		}
	}
}

// close lets acknowledgements that are under way arrive, writes down the last
// changes, and closes every client.
func (p *Prober) close() {
	if p.source != nil {
		p.source.close()
	}
	if err := p.recorder.flush(); err != nil {
		p.log.Error("The last changes of records are not in the history; they are found again at the next start", "err", err)
	}
	for _, s := range p.kafka {
		s.close()
	}
	if p.elastic != nil {
		p.elastic.close()
	}
}

// Pause stops the sending of records at once, or lets it go on. Records under
// way are watched on.
func (p *Prober) Pause(paused bool) {
	p.paused.Store(paused)
	value := 0.0
	if paused {
		value = 1
	}
	p.metrics.paused.Set(value)
}

// Preflight asks every topic, index and right that the probe needs, and returns
// what is wrong, each with what to do. It is also shown by Up and Status.
func (p *Prober) Preflight(ctx context.Context) []error {
	ctx, cancel := context.WithTimeout(ctx, 2*kafkaTimeout)
	defer cancel()
	checks := []func(context.Context) error{func(ctx context.Context) error {
		err := p.source.warm(ctx)
		p.health.report(TargetKafka, "source", err)
		return err
	}}
	for _, s := range p.kafka {
		checks = append(checks, s.check)
	}
	if p.elastic != nil {
		checks = append(checks, p.elastic.check)
	}
	errs := make([]error, len(checks))
	var work sync.WaitGroup
	for i, check := range checks {
		work.Go(func() { errs[i] = check(ctx) })
	}
	work.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}
