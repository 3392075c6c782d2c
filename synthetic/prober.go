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
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/keygroup"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// JobView provides the state of the probed job. Each answer may be unknown; the probe
// then continues.
type JobView interface {
	// State returns Flink's name of the job's state, for example "RUNNING".
	State() (state string, known bool)
	// InputRate returns the number of records per second that the job's sources read.
	InputRate() (recordsPerSecond float64, known bool)
	// FailureSince returns the cause of a failure of the job at or after a time, in one
	// line; "" if none is known.
	FailureSince(at time.Time) string
}

// KeyedView tells how the probed job distributes keys.
type KeyedView interface {
	// KeyedVertex returns the subtasks and key groups of the job's first keyed vertex. 0
	// subtasks means that no vertex is keyed.
	KeyedVertex() (subtasks, keyGroups int, known bool)
}

// Options configure a Prober. Config, Source, Sinks, History and Log are required.
type Options struct {
	Config *Config
	Source SourceSpec
	Sinks  []SinkSpec
	// Cluster is a label of measurements.
	Cluster string
	// OnDemand restricts a Prober to the records that Round requests.
	OnDemand bool
	History  account.History
	Job      JobView // nil means that the state is unknown
	// Keyed is used by the key mode subtask only; nil means that the vertex is unknown.
	Keyed KeyedView
	// Reading bounds the time until the job reads a record, see [Config.Ingested]; nil means that
	// it is not known what the job has read.
	Reading SourceView
	// Registerer gets the probe's metrics; nil means that they are not exported.
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
	keyed    KeyedView
	reading  SourceView // nil if it is not to be followed
	log      *slog.Logger
	clock    clock.Clock
	payload  *payload.Template
	pacer    pacer

	recorder     *account.Recorder
	health       *health
	metrics      *metrics
	recent       recent
	source       Source
	sourceTarget string
	sinks        []*watchedSink // in the order of the configuration
	hops         []string       // in the order in which a record passes them

	paused    atomic.Bool
	roundSize atomic.Int64                  // records of a scheduled round; 0 until it is known
	perRecord atomic.Int64                  // nanoseconds between two records, by the limited share
	waiting   atomic.Pointer[string]        // why no round is sent, nil if rounds are sent
	current   atomic.Pointer[roundUnderWay] // the newest round on demand, nil if none is under way
	roundsIn  chan roundRequest
	stopped   chan struct{} // closed when Run returns
	closing   sync.Once

	// Only the sending goroutine uses the following fields.
	sequence int64
	lastSent clock.Moment
	// lastLayout is the last known layout of the first keyed vertex, and keys are its keys.
	lastLayout keygroup.Layout
	keys       []string
	traffic    traffic
}

// watchedSink is a sink with its connection to the accounts.
type watchedSink struct {
	Sink
	watch *Watch
	// lossSince and losses describe the consecutive records that were lost here while
	// other sinks saw them. Only observe uses them.
	lossSince time.Time
	losses    int
}

// New makes a Prober. It opens no connection. An error means that the options are not
// usable: a secret that can't be read, or a template that does not render. If the
// caller does not call Run, it must call Close.
func New(o Options) (*Prober, error) {
	now := clock.System()
	p := &Prober{
		cfg: *o.Config, cluster: o.Cluster, onDemand: o.OnDemand, job: o.Job, keyed: o.Keyed,
		log: o.Log.With("component", "synthetic"), clock: now, hops: hopOrder(o.Sinks), sourceTarget: o.Source.Target,
		pacer:   pacer{interval: time.Duration(o.Config.Interval), rate: o.Config.MaxRate},
		metrics: newMetrics(), roundsIn: make(chan roundRequest), stopped: make(chan struct{}),
		lastSent: clock.Moment{Mono: -time.Hour},
	}
	names, targets := make([]string, len(o.Sinks)), []string{o.Source.Target}
	for i, spec := range o.Sinks {
		names[i], targets = spec.Name, append(targets, spec.Target)
	}
	p.recorder = account.NewRecorder(o.History, names, now, p.log, p.observe)
	if p.cfg.boundsIngestion(p.hops) {
		p.reading = o.Reading
	}
	p.health = newHealth(now, p.log, targets...)
	if err := p.open(o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// open makes the parts whose creation may fail.
func (p *Prober) open(o Options) (err error) {
	if p.payload, err = p.cfg.Payload(); err != nil {
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
	accounts := &accountCollector{recorder: p.recorder, ordered: map[string]bool{}, inputShare: p.inputShare}
	for _, spec := range o.Sinks {
		accounts.ordered[spec.Name] = spec.Ordered
	}
	if p.reading != nil {
		p.metrics.ingestedBound.WithLabelValues() // its series begins at 0
	}
	return p.metrics.register(o.Registerer, accounts, p.hops)
}

// observe exports the changes that the history has stored. The recorder calls it.
func (p *Prober) observe(steps []account.Step, samples []account.Sample) {
	for _, s := range samples {
		p.metrics.observe(s)
	}
	p.logLost(steps)
	p.contradict(steps)
	p.recent.add(event{at: p.clock().Wall, samples: samples})
}

// logLost logs lost records once per sink and names one of them.
func (p *Prober) logLost(steps []account.Step) {
	lost := map[string][]string{}
	for _, s := range steps {
		if s.To == episode.Lost && s.From == episode.Pending {
			lost[s.Sink] = append(lost[s.Sink], s.Seed)
		}
	}
	for sink, seeds := range lost {
		p.log.Warn(
			"Records lost: in the source topic, but not seen by their cut-off", "sink", sink, "records", len(seeds),
			"first", slices.Min(seeds),
		)
	}
}

// Run probes until ctx ends. It retries servers that it can't reach; Status shows them.
// They never end Run. The error is always nil.
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
	if !p.recorder.Restore(ctx, time.Duration(p.cfg.Cutoff)) {
		return nil
	}
	p.Preflight(ctx)
	var work sync.WaitGroup
	work.Go(func() { p.recorder.Write(ctx) })
	work.Go(func() { p.recorder.Tick(ctx) })
	if !p.onDemand {
		work.Go(func() { p.watchArrivals(ctx) })
	}
	if p.reading != nil {
		work.Go(func() { p.followReading(ctx) })
	}
	for _, s := range p.sinks {
		work.Go(func() { s.Run(ctx) })
	}
	p.sendRounds(ctx)
	work.Wait()
	return nil
}

// Close waits for acknowledgements under way, stores the last changes and closes every
// client. Run calls it before it returns. The maker of a Prober that never runs must
// call it. Only the first call can return an error: changes that are not in the
// history. The next start finds these records again.
func (p *Prober) Close() (err error) {
	p.closing.Do(func() {
		if p.source != nil {
			p.source.Close()
		}
		err = p.recorder.Flush()
		for _, s := range p.sinks {
			s.Close()
		}
	})
	return err
}

// Pause stops or resumes the sending of records at once. Records under way are still
// watched.
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

// Preflight checks every topic, index and right that the probe needs, and returns what
// is wrong, each with what to do. Status shows it too.
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
			_, _ = s.Prepare(ctx) // Prepare reports its error
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
	if err == nil && p.cfg.KeyMode != KeySubtask {
		p.roundSize.Store(int64(len(partitions)))
	}
	return partitions, err
}
