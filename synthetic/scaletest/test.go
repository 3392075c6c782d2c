package scaletest

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// Options configure a test. Plan, Config, Probe, Kafka, Sinks and Log are required.
type Options struct {
	Plan Plan
	// Config is the section scaletest, Probe the section probe.
	Config *Config
	Probe  *synthetic.Config
	Kafka  *kafka.Config
	// Elasticsearch is nil if no sink is in Elasticsearch.
	Elasticsearch *elasticsearch.Config
	Sinks         []sinks.Config
	// Subject is the deployment that is tested.
	Subject Subject
	// Keep stores the test as far as it is; it is called after every iteration. nil keeps
	// nothing.
	Keep func(context.Context, scalerun.Test) error
	// Show gets the progress; nil shows nothing.
	Show func(Progress)
	// Machine reads the state of the job's machines; nil if that is not known.
	Machine Machine
	// Profiles takes the profiles of Plan.Modes; nil takes none.
	Profiles *Profiles
	// Meeting is where the shards of a test meet; nil unless the plan has several.
	Meeting *Meeting
	// Spectrum is the file for the percentile spectra of the latencies; empty writes none.
	Spectrum string
	Log      *slog.Logger
	// Dial opens connections; nil means the network.
	Dial synthetic.DialFunc
}

// Machine reads the state of the job's machines that was current at a time or later; a zero
// time asks for the last known one. ok is false if it is unknown.
type Machine func(ctx context.Context, notBefore time.Time) (r Reading, ok bool)

// Reading is what the machines of a job have done since they started.
type Reading struct {
	// CPUSeconds is the CPU time of all TaskManagers; nil if unknown.
	CPUSeconds *float64
	// GCSeconds is the time in which garbage collection stopped them, ExchangedBytes what
	// the tasks sent to each other; nil if unknown.
	GCSeconds, ExchangedBytes *float64
	// Backpressure is the present share of time of the most backpressured vertex; nil if
	// unknown.
	Backpressure *float64
	// Checkpoints and Restarts are counts; nil if unknown.
	Checkpoints, Restarts *int
	// Deployment is the id of the job that runs.
	Deployment string
	// At is when Flink was asked.
	At time.Time
}

// Subject is what is tested, and what is known of it beforehand.
type Subject struct {
	Cluster, Job string
	// Deployment is the id of the job.
	Deployment string
	EpochKey   string
	// Environment is what must be equal for a fair comparison.
	Environment map[string]string
	// Run is the name of the run, Baseline whether the label is that of its baseline,
	// Opens whether the run begins with this test.
	Run             string
	Baseline, Opens bool
	// Reference is the environment of the baseline; nil if there is none to compare with.
	Reference map[string]string
	// Input is the 95 % quantile of the job's input in records per second; 0 if unknown.
	Input float64
	// Beside is the job's input just before the test in records per second; nil if unknown.
	Beside *float64
}

// Test is one call of the scale test.
type Test struct {
	plan     Plan
	cfg      Config
	subject  Subject
	template *payload.Template
	topic    string
	source   Source
	sinks    []sink
	spectra  *spectra // nil if no file is asked for
	keep     func(context.Context, scalerun.Test) error
	showTo   func(Progress)
	machine  Machine
	profiles *Profiles // nil takes none
	meeting  *Meeting  // nil for a test in one process
	part     load.Part
	log      *slog.Logger
	closers  []func()

	// throttle makes the sender slow, for tests of a slow generator.
	throttle float64
	// current is the ledger of the round that is under way.
	current atomic.Pointer[ledger]
	sent    int    // records of all rounds so far
	total   int    // measured iterations that were begun
	quiet   bool   // calibrating or trying a rate: no iteration is reported
	doing   string // what the present iterations are for; empty for measured ones
	// calibrating is set while the number of records is found, calibrated after such a round.
	calibrating, calibrated bool
	idle                    time.Time // the end of the last round; zero before the first
	best                    float64   // the highest rate that a trial sustained
	trialSeconds            float64   // of the trials to come; 0 before one was too short
	left                    []string  // prefixes of the seeds of rounds that are not removed whole
	met                     int       // rounds for which the shards have met
	// together is what all shards measured, without calibrations.
	together []scalerun.Iteration

	mu       sync.Mutex // protects failures
	failures []error    // by sink: why it can't be watched now
}

// Open makes a test. It opens no connection. The caller calls Close.
func Open(o Options) (*Test, error) {
	if err := o.Plan.Validate(); err != nil {
		return nil, err
	}
	template, err := o.Config.payload(o.Probe)
	if err != nil {
		return nil, err
	}
	t := &Test{
		plan: o.Plan, cfg: *o.Config, subject: o.Subject, keep: o.Keep, showTo: o.Show, machine: o.Machine,
		profiles: o.Profiles, meeting: o.Meeting, part: load.Part{Of: o.Plan.Shards, Index: o.Plan.Shard},
		log: o.Log.With("component", "scaletest"), failures: make([]error, len(o.Sinks)),
	}
	t.template, t.topic = template, o.Probe.Topic
	if o.Spectrum != "" {
		t.spectra = &spectra{path: o.Spectrum, rounds: map[int]latencies{}}
	}
	if err := t.connect(o); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// connect makes the clients of the source and of each sink.
func (t *Test) connect(o Options) error {
	loader, err := kafka.NewLoader(o.Kafka, o.Probe.Topic, o.Plan.Rate == 0 && !o.Plan.FindSustainable, o.Dial)
	if err != nil {
		return err
	}
	t.source, t.closers = loader, append(t.closers, loader.Close)
	for _, cfg := range o.Sinks {
		s, err := openSink(cfg, o)
		if err != nil {
			return err
		}
		t.sinks, t.closers = append(t.sinks, s), append(t.closers, s.close)
	}
	return nil
}

// openSink has a case for each kind of sink.
func openSink(cfg sinks.Config, o Options) (sink, error) {
	if cfg.Kafka != nil {
		scanner, err := kafka.NewScanner(o.Kafka, cfg.Name, *cfg.Kafka, o.Dial)
		return &stream{label: cfg.Name, topic: cfg.Kafka.Topic, scanner: scanner}, err
	}
	every := time.Duration(o.Probe.PollInterval)
	if cfg.Files != nil {
		return &fileSink{
			label: cfg.Name, path: cfg.Files.Directory, every: every, scanner: files.NewScanner(cfg.Name, *cfg.Files, every),
		}, nil
	}
	tally, err := elasticsearch.NewTally(o.Elasticsearch, cfg.Name, *cfg.Elasticsearch, o.Dial)
	return &indexSink{
		label: cfg.Name, index: cfg.Elasticsearch.Index, tally: tally, every: every,
	}, err
}

// Close ends the connections.
func (t *Test) Close() {
	for _, closing := range t.closers {
		closing()
	}
}

// Run runs the test. When ctx ends it stops sending, waits for what is under way, removes
// its documents and returns what it has, as aborted. The error is only about a test that
// could not begin, or whose result could not be stored; a test that broke off is in the
// result.
func (t *Test) Run(ctx context.Context) (scalerun.Test, error) {
	result, err := t.prepare(ctx)
	if err != nil {
		return result, err
	}
	if t.meeting != nil {
		if err := t.meeting.Begun(ctx, result); err != nil {
			return result, err
		}
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watchers sync.WaitGroup
	for i, s := range t.sinks {
		watchers.Go(func() { s.watch(watching, t.account(i)) })
	}
	defer watchers.Wait()
	defer stop()
	var aborted error
	if t.plan.FindSustainable {
		aborted = t.search(ctx, &result)
	} else {
		aborted = t.iterate(ctx, &result)
	}
	switch {
	case aborted == nil:
		t.profile(ctx, &result)
	case ctx.Err() != nil:
		aborted = errInterrupted // whatever broke off because of it
	}
	t.removeLeft(context.WithoutCancel(ctx), &result)
	figures.Conclude(&result, aborted)
	result.Ended = time.Now().UTC()
	return result, errors.Join(t.store(context.WithoutCancel(ctx), result), t.spectra.write(result))
}

// account connects a sink to the ledger.
func (t *Test) account(i int) *account {
	return &account{sink: i, ledger: t.current.Load, failed: func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.failures[i] = err
	}}
}

// errInterrupted is why a test that a person ended is aborted.
var errInterrupted = errors.New("ended before its last iteration")

// remove deletes what the round left in the sinks. What may still come, or could not be deleted, has
// another turn after the last round.
func (t *Test) remove(ctx context.Context, r *round) {
	whole := r.ledger.backlog() == 0
	for _, s := range t.sinks {
		_, err := s.remove(ctx, string(r.ledger.prefix))
		whole = whole && err == nil
	}
	if !whole {
		t.left = append(t.left, string(r.ledger.prefix))
	}
}

// removeLeft deletes what rounds have left behind. What stays is a warning, one for each reason.
func (t *Test) removeLeft(ctx context.Context, result *scalerun.Test) {
	for _, prefix := range t.left {
		for _, s := range t.sinks {
			if _, err := s.remove(ctx, prefix); err != nil && !slices.Contains(result.Warnings, err.Error()) {
				warn(result, err.Error())
			}
		}
	}
}

func (t *Test) store(ctx context.Context, result scalerun.Test) error {
	if t.keep == nil {
		return nil
	}
	return t.keep(ctx, result)
}

func (t *Test) sinkNames() []string {
	names := make([]string, len(t.sinks))
	for i, s := range t.sinks {
		names[i] = s.name()
	}
	return names
}

// refresh is the longest time in which a record can't be seen at some sink.
func (t *Test) refresh() time.Duration {
	longest := time.Duration(0)
	for _, s := range t.sinks {
		longest = max(longest, s.floor())
	}
	return longest
}

// newTest is the result before the first iteration.
func (t *Test) newTest() scalerun.Test {
	return scalerun.Test{
		ID: ulid.Make().String(), Run: t.subject.Run, Label: t.plan.Label, Baseline: t.subject.Baseline,
		OpensRun: t.subject.Opens, Cluster: t.subject.Cluster, Job: t.subject.Job, Deployment: t.subject.Deployment,
		EpochKey: t.subject.EpochKey, Began: time.Now().UTC(), Rate: t.plan.Rate, Shape: t.plan.Shape,
		PayloadSeed: t.plan.PayloadSeed, Verdict: scalerun.Aborted, Environment: map[string]string{},
		Iterations: []scalerun.Iteration{}, Warnings: []string{}, WarmUpRule: figures.WarmUpRule(t.plan.Rate),
	}
}
