package testrun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// Options are what a test needs besides its plan. All but Show are required.
type Options struct {
	Config config.Config
	Plan   scaletest.Plan
	// Client talks to the sidecar beside which the test runs.
	Client *api.Client
	// Show gets the progress; nil shows nothing.
	Show func(scaletest.Progress)
	// Spectrum is the file for the percentile spectrum; empty writes none.
	Spectrum string
	Log      *slog.Logger
}

// Sections returns the parts of the configuration that a test needs, or what is missing or
// forbids it. It uses no network.
func Sections(cfg config.Config, plan scaletest.Plan) (scaletest.Options, error) {
	if err := plan.Validate(); err != nil {
		return scaletest.Options{}, err
	}
	switch {
	case cfg.Probe == nil:
		return scaletest.Options{}, fmt.Errorf("the configuration has no section probe, whose job, topic and template a " +
			"scale test uses (sidecar init writes one; see docs/scaletest.md)")
	case cfg.ScaleTest == nil:
		section := scaletest.DefaultConfig()
		cfg.ScaleTest = &section // the allow-list is missing, which is what the error says
	}
	of := cfg.ProbedJob()
	o := scaletest.Options{
		Plan: plan, Config: cfg.ScaleTest, Probe: cfg.Probe, Kafka: cfg.Kafka, Elasticsearch: cfg.Elasticsearch,
		Sinks: cfg.Sinks, Subject: scaletest.Subject{Cluster: of.Cluster, Job: of.Job},
	}
	return o, scaletest.Permitted(cfg.ScaleTest, cfg.Probe, cfg.Sinks, of.Cluster, plan.IKnow)
}

// Run runs a test. The error is about a test that could not begin, or whose result could not
// be stored; then the result has the iterations that ended.
func Run(ctx context.Context, o Options) (scalerun.Test, error) {
	options, err := Sections(o.Config, o.Plan)
	if err != nil {
		return scalerun.Test{}, err
	}
	options.Log, options.Spectrum = o.Log, spectrum(o)
	r := &reporter{client: o.Client, log: o.Log, show: o.Show, progress: api.ScaleProgress{
		Test: ulid.Make().String(), Cluster: options.Subject.Cluster, Job: options.Subject.Job, Label: o.Plan.Label,
		Iterations: o.Plan.Iterations, Doing: "preparing",
	}}
	if o.Plan.Sharded() {
		return runShard(ctx, o, options, r)
	}
	if err := r.begin(ctx); err != nil {
		return scalerun.Test{}, err
	}
	defer r.end()
	options.Keep = r.keep
	return r.run(ctx, o, options)
}

// spectrum is the file of this process: each shard has one of its own.
func spectrum(o Options) string {
	if o.Spectrum != "" && o.Plan.Sharded() {
		return fmt.Sprintf("%s.shard-%d", o.Spectrum, o.Plan.Shard)
	}
	return o.Spectrum
}

// run runs the test of a reporter that has begun.
func (r *reporter) run(ctx context.Context, o Options, options scaletest.Options) (test scalerun.Test, err error) {
	if options.Subject, err = subject(ctx, o.Client, options.Subject, &o.Plan); err != nil {
		return scalerun.Test{}, err
	}
	options.Plan = o.Plan
	r.inRun(options.Subject.Run)
	options.Show = r.take
	options.Profiles = profiles(o.Client, o.Config, options.Subject, o.Plan)
	if r.share != nil {
		options.Profiles = r.share(options.Profiles)
	}
	options.Machine = machine{o.Client, options.Subject.Cluster, options.Subject.Job}.read
	running, err := scaletest.Open(options)
	if err != nil {
		return scalerun.Test{}, err
	}
	defer running.Close()
	return running.Run(ctx)
}

// reportEvery is how often the progress goes to the sidecar.
const reportEvery = time.Second

// reporter sends the progress of a test to the sidecar.
type reporter struct {
	client *api.Client
	log    *slog.Logger
	show   func(scaletest.Progress)
	// share lets one of several shards take the profiles; nil in a test of one process.
	share func(*scaletest.Profiles) *scaletest.Profiles

	mu       sync.Mutex // protects progress
	progress api.ScaleProgress

	stop func()
	done chan struct{}
}

// begin reports for the first time, which fails if another test is under way, and goes on
// every second.
func (r *reporter) begin(ctx context.Context) error {
	if err := r.client.ReportScaleTest(ctx, r.now()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.stop, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		ticker := time.NewTicker(reportEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := r.client.ReportScaleTest(ctx, r.now()); err != nil && ctx.Err() == nil {
				r.log.Debug("The sidecar did not take the progress of the scale test", "err", err)
			}
		}
	}()
	return nil
}

// endWithin bounds the last report.
const endWithin = 5 * time.Second

// end reports for the last time.
func (r *reporter) end() {
	r.stop()
	<-r.done
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	last := r.now()
	last.Ended = true
	if err := r.client.ReportScaleTest(ctx, last); err != nil {
		r.log.Debug("The sidecar did not take the end of the scale test", "err", err)
	}
}

func (r *reporter) now() api.ScaleProgress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

func (r *reporter) inRun(run string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Run = run
}

// take gets the progress of the test.
func (r *reporter) take(p scaletest.Progress) {
	r.mu.Lock()
	r.progress.Iteration, r.progress.Iterations, r.progress.Doing = p.Iteration, p.Iterations, p.Doing
	switch {
	case p.Trial != nil:
		r.progress.LeftSeconds = nil
	case p.Finished != nil:
		r.progress.Throughput, r.progress.LeftSeconds = p.Finished.Throughput, nil
	default:
		r.progress.Intended, r.progress.Sent, r.progress.Acknowledged = p.Intended, p.Sent, p.Acknowledged
		r.progress.LatencySeconds, r.progress.Visible = p.Latency, nil
		for _, at := range p.Visible {
			r.progress.Visible = append(r.progress.Visible, api.SeenAtSink(at))
		}
		if left := p.Left.Seconds(); left > 0 {
			r.progress.LeftSeconds = &left
		}
	}
	r.mu.Unlock()
	if r.show != nil {
		r.show(p)
	}
}

// keep stores the test as far as it is. A test that has measured nothing is not stored: it
// would open a run without a number.
func (r *reporter) keep(ctx context.Context, test scalerun.Test) error {
	if rate := test.SustainableRate(); rate != nil {
		r.mu.Lock()
		r.progress.SustainableRate, r.progress.Headroom = rate, test.Sustainable.Headroom
		r.mu.Unlock()
	}
	if len(test.Iterations) == 0 && (test.Sustainable == nil || len(test.Sustainable.Trials) == 0) {
		return nil
	}
	if err := r.stored(ctx, test); err != nil {
		return fmt.Errorf("the result is not in the history: %w (it is printed here only)", err)
	}
	return nil
}

// A sidecar that is restarted meanwhile answers again after some seconds.
const (
	storeWithin = 30 * time.Second
	storeEvery  = time.Second
)

// stored stores a result. It tries again where no sidecar answers.
func (r *reporter) stored(ctx context.Context, test scalerun.Test) error {
	for deadline := time.Now().Add(storeWithin); ; {
		err := r.client.PutScaleTest(ctx, test)
		answer, answered := errors.AsType[*api.Error](err)
		if err == nil || answered && answer.Status != http.StatusServiceUnavailable ||
			time.Now().After(deadline) || wait.For(ctx, storeEvery) != nil {
			return err
		}
	}
}
