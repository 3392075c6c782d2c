package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/testrun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/report"
)

// scaleFlags are the flags of the scale test.
type scaleFlags struct {
	*configFlags
	plan    scaletest.Plan
	records string
	format  string
	hgrm    string
	modes   string
	dryRun  bool
	// deployments is the number of pairs of deployments; 0 tests the one that runs.
	deployments int
}

func scaletestCommand(clause *kingpin.CmdClause) action {
	f := &scaleFlags{configFlags: addThroughFlags(clause)}
	f.declare(clause)
	return func(ctx context.Context, c console) error {
		if err := f.check(); err != nil {
			return usageError{err}
		}
		cfg, err := f.load()
		if err != nil {
			return err
		}
		options, err := testrun.Sections(cfg, f.plan)
		switch {
		case err != nil:
			return fmt.Errorf("scaletest: %w", err)
		case f.dryRun:
			return scaletest.Describe(c.stdout, options)
		}
		fmt.Fprintf(c.stderr, "sidecar: %s\n", scaletest.LeftBehind(f.plan))
		where := target{url: f.sidecarURL, history: cfg.History.Path, client: cfg.Web.Client}
		tests, err := scaleTests(ctx, cfg, where, f, c)
		return reportScaleTests(c, tests, err, f.format)
	}
}

func (f *scaleFlags) declare(clause *kingpin.CmdClause) {
	p := &f.plan
	clause.Flag("label", "Name of the change that is tested, for example \"bigger bulks\".").Required().StringVar(&p.Label)
	clause.Flag("baseline", "This label is the baseline of a new run, with which further labels are compared.").
		BoolVar(&p.Baseline)
	clause.Flag("run", "Name of the run. Default: the newest of the job.").StringVar(&p.Run)
	clause.Flag("iterations", "Number of iterations.").Default(strconv.Itoa(scaletest.DefaultIterations)).
		IntVar(&p.Iterations)
	clause.Flag("records", "Records of an iteration, or auto: as many as make it long enough.").Default("auto").
		StringVar(&f.records)
	clause.Flag("rate", "Records per second; 0 is as fast as possible. With a rate the arrivals are an open loop: "+
		"latencies count from the planned send.").Default("0").Float64Var(&p.Rate)
	clause.Flag("shape", "steady, peak (three times the rate in the middle third) or ramp (from a tenth of the rate).").
		Default(scaletest.Steady).EnumVar(&p.Shape, scaletest.Shapes()...)
	clause.Flag("find-sustainable", "Search for the highest rate that the job sustains.").BoolVar(&p.FindSustainable)
	clause.Flag("payload-seed", "Seed of the numbers that {{.Int N}} writes into records: equal seeds, equal payloads.").
		Uint64Var(&p.PayloadSeed)
	clause.Flag("max-records", "Maximum number of records of the whole test.").
		Default(strconv.Itoa(scaletest.DefaultMaxRecords)).IntVar(&p.MaxRecords)
	clause.Flag("modes", "Take profiles in these modes, with commas between them, in an iteration of its own after the "+
		"measured ones.").PlaceHolder("ITIMER,ALLOC").StringVar(&f.modes)
	clause.Flag("profile-during", "Take the profiles in the last measured iteration; the result shows what they cost.").
		BoolVar(&p.ProfileDuring)
	clause.Flag("advise", "Advise on the profiles after the test.").BoolVar(&p.Advise)
	clause.Flag("deployments", "Test baseline and candidate in turn, on N new deployments each, by the commands of "+
		"scaletest.deploy or by hand.").IntVar(&f.deployments)
	clause.Flag("shards", "Number of processes that send the test together; --records, --rate and --max-records are those of "+
		"all. They meet at the running sidecar.").Default("1").IntVar(&p.Shards)
	clause.Flag("shard", "Number of this process, from 0.").Default("0").IntVar(&p.Shard)
	clause.Flag("i-know", "Test a cluster that is production.").BoolVar(&p.IKnow)
	clause.Flag("strict", "Refuse the test if the environment differs from that of the baseline.").BoolVar(&p.Strict)
	clause.Flag("dry-run", "Print what would be sent where, and send nothing.").BoolVar(&f.dryRun)
	clause.Flag("hgrm", "Write the percentile spectrum of each sink's latency to FILE, in HdrHistogram's format.").
		PlaceHolder("FILE").StringVar(&f.hgrm)
	clause.Flag("format", "table, json, csv or markdown.").Default("table").EnumVar(&f.format, report.Formats()...)
}

// check completes the plan from the flags.
func (f *scaleFlags) check() error {
	switch {
	case f.deployments < 0:
		return fmt.Errorf("--deployments=%d is not a number of deployments (use a number from 1)", f.deployments)
	case f.deployments > 0 && f.plan.Sharded():
		return errors.New("--deployments runs in one process (leave out --shards)")
	}
	f.plan.Records = 0
	if f.records != "auto" {
		n, err := strconv.Atoi(f.records)
		if err != nil || n < 1 {
			return fmt.Errorf("--records=%s is not a number of records (use a number from 1, or auto)", f.records)
		}
		f.plan.Records = n
	}
	if f.modes != "" {
		modes, err := scaletest.ParseModes(f.modes)
		if err != nil {
			return err
		}
		f.plan.Modes = modes
	}
	return f.plan.Validate()
}

// scaleTests runs the test in this process. The history and the metrics are those of the
// running sidecar, if there is one. Otherwise this process is a sidecar for the time of the
// test.
func scaleTests(
	ctx context.Context, cfg config.Config, where target, f *scaleFlags, c console,
) (tests []report.Test, err error) {
	client, running, err := where.through("keeping the result", c)
	if err != nil {
		return nil, err
	}
	work := func(ctx context.Context, client *api.Client) (err error) {
		show := report.NewProgress(c.stderr)
		defer show.Close()
		done, err := f.run(ctx, testrun.Options{
			Config: cfg, Plan: f.plan, Client: client, Show: show.Take, Spectrum: f.hgrm, Log: c.log,
		}, c)
		tests = f.advised(ctx, client, done, c)
		return err
	}
	if running {
		return tests, work(ctx, client)
	}
	if f.plan.Sharded() {
		return nil, errors.New("the shards of a test meet at a running sidecar, and none was found (start one, and name it " +
			"with --sidecar.url)")
	}
	// The sidecar beside the test lives on after Ctrl-C, until the test has cleaned up.
	err = besides(context.WithoutCancel(ctx), cfg, c, func(beside context.Context, _ *app.App, client *api.Client) error {
		until, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(beside, stop)()
		return work(until, client)
	})
	return tests, err
}

// advised adds the advice that was asked for. The tests are stored already: without the
// advice they are complete.
func (f *scaleFlags) advised(ctx context.Context, client *api.Client, done []episode.ScaleTest, c console) []report.Test {
	tests := make([]report.Test, len(done))
	for i, test := range done {
		tests[i].ScaleTest = test
		if !f.plan.Advise {
			continue
		}
		advice, err := testrun.Advice(ctx, client, test)
		if err != nil {
			fmt.Fprintf(c.stderr, "sidecar: %v\n", err)
		}
		tests[i].Advice = advice
	}
	return tests
}

// run runs one test, or several that alternate.
func (f *scaleFlags) run(ctx context.Context, o testrun.Options, c console) ([]episode.ScaleTest, error) {
	if f.deployments > 0 {
		return testrun.Alternation{
			Options: o, Deployments: f.deployments, Say: func(text string) { fmt.Fprintln(c.stderr, "sidecar: "+text) },
			Deploy: func(ctx context.Context, command string) error { return deploy(ctx, command, c) },
		}.Run(ctx)
	}
	test, err := testrun.Run(ctx, o)
	if test.ID == "" {
		return nil, err
	}
	return []episode.ScaleTest{test}, err
}

// deploy runs the operator's command. Its output goes to standard error, because the result
// of the test is on standard output.
func deploy(ctx context.Context, command string, c console) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", command) //nolint:gosec // the operator's own configuration
	cmd.Stdout, cmd.Stderr = c.stderr, c.stderr
	return cmd.Run()
}

// reportScaleTests prints the results, and turns their verdicts into the exit code.
func reportScaleTests(c console, tests []report.Test, err error, format string) error {
	for i, test := range tests {
		if i > 0 && format != "json" {
			fmt.Fprintln(c.stdout)
		}
		if printed := report.WriteTest(c.stdout, test, format); printed != nil {
			return errors.Join(printed, err)
		}
	}
	if err != nil {
		return fmt.Errorf("scaletest: %w", err)
	}
	for _, test := range tests {
		if test.Verdict != episode.ScaleOK {
			return fmt.Errorf("scaletest: %s: %s", test.Verdict, test.Reason)
		}
	}
	return nil
}
