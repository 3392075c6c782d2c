package evaluate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/testrun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// measureAndAdvise measures, and has the sidecar profile and advise. A scale test is profiled
// while it runs, from its second iteration on: a job without load has nothing to show.
func (r *run) measureAndAdvise(ctx context.Context) error {
	kind, why, err := kind(r.Options)
	if err != nil {
		return err
	}
	r.Kind = kind
	if why != "" {
		r.note("%s", why)
	}
	of := r.Config.ProbedJob()
	r.Cluster, r.Job = of.Cluster, of.Job
	a := &advice{client: r.Client, of: of, label: r.Options.Label, done: make(chan struct{})}
	switch kind {
	case episode.EvaluatedScaleTest:
		err = r.scaleTest(ctx, a)
	case episode.EvaluatedProbe:
		err = r.round(ctx)
	case episode.EvaluatedProfile:
	}
	if err != nil {
		a.abandon()
		return err
	}
	a.begin(ctx)
	r.Say("waiting for profiles and advice")
	return r.take(ctx, a)
}

// kind is what is measured, and why it is not a scale test, if one is configured.
func kind(o Options) (kind episode.EvaluationKind, why string, err error) {
	cfg := o.Config
	_, forbidden := testrun.Sections(cfg, plan(o))
	switch {
	case o.Measure == episode.EvaluatedScaleTest && forbidden != nil:
		return o.Measure, "", forbidden
	case o.Measure == episode.EvaluatedProbe && cfg.Probe == nil:
		return o.Measure, "", errors.New("the configuration has no section probe (sidecar init writes one)")
	case o.Measure != "":
		return o.Measure, "", nil
	case cfg.ScaleTest != nil && forbidden == nil:
		return episode.EvaluatedScaleTest, "", nil
	case cfg.Probe != nil && cfg.ScaleTest != nil:
		return episode.EvaluatedProbe, "the probe was measured in place of a scale test: " + forbidden.Error(), nil
	case cfg.Probe != nil:
		return episode.EvaluatedProbe, "", nil
	}
	return episode.EvaluatedProfile, "nothing was measured: the configuration has no section probe", nil
}

// payloadSeed makes the payloads of all evaluations equal.
const payloadSeed = 1

func plan(o Options) scaletest.Plan {
	cfg := o.Config.Evaluate
	return scaletest.Plan{
		Label: o.Label, Run: scalerun.OfEvaluations, Iterations: cfg.Iterations, Records: cfg.Records,
		MaxRecords: cfg.MaxRecords, Shape: load.Steady, PayloadSeed: payloadSeed, IKnow: o.IKnow,
	}
}

// scaleTest measures with a bounded scale test.
func (r *run) scaleTest(ctx context.Context, a *advice) error {
	r.Say(scaletest.LeftBehind(plan(r.Options)))
	test, err := testrun.Run(ctx, testrun.Options{
		Config: r.Config, Plan: plan(r.Options), Client: r.Client, Log: r.Log,
		Show: func(p scaletest.Progress) {
			if p.Doing == "" && p.Iteration >= min(2, p.Iterations) {
				a.begin(ctx)
			}
			if r.Show != nil {
				r.Show(p)
			}
		},
	})
	switch {
	case err != nil:
		return err
	case test.Verdict != scalerun.OK:
		return fmt.Errorf("the scale test is %s: %s", test.Verdict, test.Reason)
	}
	r.Job, r.Cluster, r.JobID, r.EpochKey, r.ScaleTest = test.Job, test.Cluster, test.Deployment, test.EpochKey, test.ID
	r.Figures = outcome.FiguresOf(test)
	maps.Copy(r.Environment, test.Environment)
	r.Environment["iterations"] = strconv.Itoa(r.Config.Evaluate.Iterations)
	r.Notes = append(r.Notes, test.Warnings...)
	return nil
}

// round measures with a round of the probe. The rate of the job is then no figure: it depends on
// the producers.
func (r *run) round(ctx context.Context) error {
	job, environment, err := testrun.Deployment(ctx, r.Client, r.Config.ProbedJob())
	if err != nil {
		return err
	}
	r.Say("sending a round of the probe")
	ep, err := r.Client.Round(ctx, api.RoundRequest{Source: episode.FromCLI})
	switch {
	case err != nil:
		return fmt.Errorf("the probe: %w", err)
	case ep.Measurement == nil:
		return fmt.Errorf("the probe has measured nothing: %s (see sidecar history show %s)", ep.Error, ep.ID)
	}
	if account, missing := ep.Measurement.Incomplete(); missing {
		return fmt.Errorf("%d of %d records of the probe did not reach %s (see sidecar history show %s)",
			account.Intended-account.Arrived(), account.Intended, account.Sink, ep.ID)
	}
	r.JobID, r.EpochKey, r.Environment, r.Load = job.ID, job.EpochKey, environment, ep.Measurement.Throughput
	r.Figures.LatencyP99 = slowest(ep.Measurement.Hops)
	return r.standing(ctx, time.Now())
}

// standing completes the figures of a round with what the running sidecar has measured of the job's
// epoch in the last block: its capacity in place of the throughput, and its CPU time.
func (r *run) standing(ctx context.Context, now time.Time) error {
	block := time.Duration(r.Config.Evaluate.Block)
	from := now.Add(-block)
	list, err := r.Client.Measurements(ctx, r.JobRef(), "", from, now, maxEarlier)
	if err != nil {
		return err
	}
	blocks, _ := production.Blocks(r.JobRef(), r.EpochKey, list.Measurements, from, block)
	if len(blocks) == 0 {
		r.note("only p99 is judged: less than half of the last %s was measured of this epoch (let sidecar run measure "+
			"the job all the time)", r.Config.Evaluate.Block)
		return nil
	}
	r.Figures.Throughput, r.Figures.CPUPerMillion = blocks[0].Capacity(), blocks[0].CPUPerMillion
	if r.Figures.Throughput == nil {
		r.note("the throughput is not judged: %s", production.WhyIdle())
	}
	return nil
}

// slowest is the p99 of the slowest hop; nil without one.
func slowest(hops []episode.Hop) (p99 *float64) {
	for _, h := range hops {
		if h.Count > 0 && (p99 == nil || h.P99 > *p99) {
			p99 = new(h.P99)
		}
	}
	return p99
}

// advice asks the sidecar once for profiles and advice.
type advice struct {
	client *api.Client
	of     episode.JobRef
	label  string

	once    sync.Once
	done    chan struct{} // closed when receipt and err are set
	receipt api.Receipt
	err     error
}

// begin asks in the background: it must not hold up the measurement.
func (a *advice) begin(ctx context.Context) {
	a.once.Do(func() {
		go func() {
			defer close(a.done)
			a.receipt, a.err = a.client.Raise(ctx, api.AlertRequest{
				Cluster: a.of.Cluster, Job: a.of.Job, Source: episode.FromCLI, Summary: "evaluation of " + a.label,
			})
		}()
	})
}

// abandon waits for a request that was begun. The episode goes on without us.
func (a *advice) abandon() {
	a.once.Do(func() { close(a.done) })
	<-a.done
}

// announceWithin bounds the wait for the announcement of an episode with advice.
const announceWithin = 10 * time.Second

// take waits for the advice. Without it the evaluation goes on, and says so.
func (r *run) take(ctx context.Context, a *advice) error {
	<-a.done
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case a.err != nil:
		r.note("there is no advice: %v", a.err)
		return r.nothingKnown()
	case a.receipt.Episode == "":
		r.note("there is no advice: no episode was opened: %s", a.receipt.Reason)
		return r.nothingKnown()
	}
	ep, err := r.Client.Await(ctx, a.receipt.Episode, api.Concluded)
	if err != nil {
		return err
	}
	r.Episode = ep.ID
	if r.Job == "" {
		r.Cluster, r.Job, r.EpochKey = ep.Alert.Cluster, ep.Alert.Job, ep.EpochKey
	}
	r.Notes = append(r.Notes, ep.Notes...)
	if ep.Advice == nil {
		r.note("%s", ep.WithoutAdvice())
		return nil
	}
	// A sidecar that lives as long as this command announces now or never.
	within, cancel := context.WithTimeout(ctx, announceWithin)
	defer cancel()
	_, _ = r.Client.Await(within, ep.ID, api.Finished)
	return nil
}

// nothingKnown is an error if the evaluation has neither figures nor advice.
func (r *run) nothingKnown() error {
	if r.Kind == episode.EvaluatedProfile {
		return errors.New(r.Notes[len(r.Notes)-1])
	}
	return nil
}
