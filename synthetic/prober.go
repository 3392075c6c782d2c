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

// Options are what a Prober is made from. Config, Source, Sinks, History and Log
// are needed.
type Options struct {
	Config *Config
	Source SourceSpec
	Sinks  []SinkSpec
	// Cluster labels measurements.
	Cluster string
	// OnDemand makes a Prober send nothing but what Round asks for.
	OnDemand bool
	History  History
	Job      JobView // nil: nothing is known
	// Registerer takes the probe's metrics; nil: they are not exported.
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// ErrStopped means that Run has returned.
var ErrStopped = errors.New("the probe has stopped")

// ErrPaused means that the probe is paused.
var ErrPaused = errors.New("the probe is paused (sidecar resume probe)")

// Prober sends synthetic records through a job and accounts for them. Its
// methods are safe for concurrent use; Run is called once.
type Prober struct {
	cfg      Config
	cluster  string
	onDemand bool
	job      JobView
	log      *slog.Logger
	clock    clock
	payload  *payload
	pacer    pacer

	recorder     *recorder
	health       *health
	metrics      *metrics
	recent       recent
	source       Source
	sourceTarget string
	sinks        []*watchedSink // in the order of the configuration
	hops         []string       // in the order in which a record passes them

	paused     atomic.Bool
	partitions atomic.Int64           // of the source topic; 0 until they are known
	waiting    atomic.Pointer[string] // why no round is sent, nil if they are
	roundsIn   chan roundRequest
	stopped    chan struct{} // closed when Run returns
	closing    sync.Once

	// Only the sending goroutine uses these.
	sequence int64
	lastSent Moment
}

// watchedSink is a sink with its connection to the accounts.
type watchedSink struct {
	Sink
	watch *Watch
	// lossSince and losses describe the records that were lost here in a row while
	// other sinks saw them. Only observe uses them.
	lossSince time.Time
	losses    int
}

// New makes a Prober. It opens no connection; an error means that the options
// are not usable: a secret that can't be read, a template that does not render.
// If Run is not called, the caller calls Close.
func New(o Options) (*Prober, error) {
	now := systemClock()
	p := &Prober{
		cfg: *o.Config, cluster: o.Cluster, onDemand: o.OnDemand, job: o.Job,
		log: o.Log.With("component", "synthetic"), clock: now, hops: hopOrder(o.Sinks), sourceTarget: o.Source.Target,
		pacer:   pacer{interval: time.Duration(o.Config.Interval), rate: o.Config.MaxRate},
		metrics: newMetrics(), roundsIn: make(chan roundRequest), stopped: make(chan struct{}),
		lastSent: Moment{mono: -time.Hour},
	}
	names, targets := make([]string, len(o.Sinks)), []string{o.Source.Target}
	for i, spec := range o.Sinks {
		names[i], targets = spec.Name, append(targets, spec.Target)
	}
	p.recorder = newRecorder(o.History, names, now, p.log)
	p.recorder.observe = p.observe
	p.health = newHealth(now, p.log, targets...)
	if err := p.open(o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// open makes what may fail.
func (p *Prober) open(o Options) error {
	text, err := p.cfg.templateText()
	if err != nil {
		return err
	}
	if p.payload, err = newPayload(text); err != nil {
		return err
	}
	source, err := o.Source.Open()
	if err != nil {
		return err
	}
	p.source = source
	for _, spec := range o.Sinks {
		watch := p.newWatch(spec)
		sink, err := spec.Open(watch)
		if err != nil {
			return err
		}
		p.sinks = append(p.sinks, &watchedSink{Sink: sink, watch: watch})
	}
	p.metrics.pollInterval.Set(time.Duration(p.cfg.PollInterval).Seconds())
	if o.Registerer == nil {
		return nil
	}
	return p.metrics.register(o.Registerer, &accountCollector{recorder: p.recorder, inputShare: p.inputShare}, p.hops)
}

// observe shows what the history has taken. The recorder calls it.
func (p *Prober) observe(steps []step, samples []sample) {
	for _, s := range samples {
		p.metrics.observe(s)
	}
	p.logLost(steps)
	p.contradict(steps)
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
		p.log.Warn(
			"Records lost: in the source topic, but not seen by their cut-off", "sink", sink, "records", len(seeds),
			"first", slices.Min(seeds),
		)
	}
}

// Run probes until ctx ends. What can't be reached is tried again and shown by
// Status; it never makes Run return. The error is always nil.
func (p *Prober) Run(ctx context.Context) error {
	defer close(p.stopped)
	defer func() {
		if err := p.Close(); err != nil {
			p.log.Error(
				"The last changes of records are not in the history; they are found again at the next start", "err",
				err,
			)
		}
	}()
	if !p.restore(ctx) {
		return nil
	}
	p.Preflight(ctx)
	var work sync.WaitGroup
	work.Go(func() { p.recorder.write(ctx) })
	work.Go(func() { p.recorder.tick(ctx) })
	for _, s := range p.sinks {
		work.Go(func() { s.Run(ctx) })
	}
	p.sendRounds(ctx)
	work.Wait()
	return nil
}

// restore takes up the records of earlier processes; false if ctx ended first.
func (p *Prober) restore(ctx context.Context) bool {
	return p.recorder.retry(ctx, "reading", func() error {
		return p.recorder.restore(time.Duration(p.cfg.Cutoff))
	})
}

// Close lets acknowledgements that are under way arrive, writes down the last
// changes, and closes every client. Run does it when it returns; a Prober that
// never runs is closed by its maker. The first call alone can return an error:
// changes that are not in the history, and are found again at the next start.
func (p *Prober) Close() (err error) {
	p.closing.Do(func() {
		if p.source != nil {
			p.source.Close()
		}
		err = p.recorder.flush()
		for _, s := range p.sinks {
			s.Close()
		}
	})
	return err
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

// preflightWithin bounds Preflight.
const preflightWithin = 10 * time.Second

// Preflight asks every topic, index and right that the probe needs, and returns
// what is wrong, each with what to do. Status shows it too.
func (p *Prober) Preflight(ctx context.Context) []error {
	ctx, cancel := context.WithTimeout(ctx, preflightWithin)
	defer cancel()
	errs := make([]error, len(p.sinks)+1)
	var work sync.WaitGroup
	work.Go(func() {
		_, errs[0] = p.listPartitions(ctx)
	})
	for i, s := range p.sinks {
		work.Go(func() {
			_, _ = s.Prepare(ctx) // it reports its error
			errs[i+1] = s.watch.lastFailure()
		})
	}
	work.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// listPartitions returns the source topic's partitions.
func (p *Prober) listPartitions(ctx context.Context) ([]int32, error) {
	partitions, err := p.source.Partitions(ctx)
	if ctx.Err() == nil {
		p.health.report(p.sourceTarget, "source", err)
	}
	if err == nil {
		p.partitions.Store(int64(len(partitions)))
	}
	return partitions, err
}
