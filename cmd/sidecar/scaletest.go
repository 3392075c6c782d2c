package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/testrun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
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
	// deployments is the number of pairs of deployments, or auto; 0 tests the one that runs.
	deployments string
	// maxRecordsSet is set if a person chose the limit, which otherwise is for each test.
	maxRecordsSet bool
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
		pairs, err := testrun.Pairs(cfg, &f.plan, f.deployments, f.maxRecordsSet)
		if err != nil {
			return usageError{err}
		}
		options, err := testrun.Sections(cfg, f.plan)
		switch {
		case err != nil:
			return fmt.Errorf("scaletest: %w", err)
		case f.dryRun:
			return errors.Join(scaletest.Describe(c.stdout, options), testrun.DescribePairs(c.stdout, options, pairs))
		}
		c.say(scaletest.LeftBehind(f.plan))
		tests, err := f.test(ctx, c, cfg, pairs)
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
		Default(load.Steady).EnumVar(&p.Shape, load.Shapes()...)
	clause.Flag("find-sustainable", "Search for the highest rate that the job sustains.").BoolVar(&p.FindSustainable)
	clause.Flag("repeat", "Search so many times, and show how much the rates differ.").Default("1").IntVar(&p.Repeat)
	clause.Flag("payload-seed", "Seed of the numbers that {{.Int N}} writes into records: equal seeds, equal payloads.").
		Uint64Var(&p.PayloadSeed)
	clause.Flag("max-records", "Maximum number of records of the whole test, of which several deployments get equal shares; "+
		"without the flag it is for each deployment.").Default(strconv.Itoa(scaletest.DefaultMaxRecords)).
		IsSetByUser(&f.maxRecordsSet).IntVar(&p.MaxRecords)
	clause.Flag("modes", "Take profiles in these modes, with commas between them, in an iteration of its own after the "+
		"measured ones.").PlaceHolder("MODES").StringVar(&f.modes)
	clause.Flag("profile-during", "Take the profiles in the last measured iteration; the result shows what they cost.").
		BoolVar(&p.ProfileDuring)
	clause.Flag("advise", "Advise on the profiles after the test.").BoolVar(&p.Advise)
	clause.Flag("deployments", fmt.Sprintf("Test baseline and candidate in turn, on N new deployments each, by the commands "+
		"of scaletest.deploy or by hand; 0 tests the deployment that runs. auto is %d where scaletest.deploy is set, else 0.",
		testrun.DefaultPairs)).Default("auto").PlaceHolder("N").StringVar(&f.deployments)
	clause.Flag("shards", "Number of processes that send the test together; --records, --rate and --max-records are those of "+
		"all. They meet at the running sidecar.").Default("1").IntVar(&p.Shards)
	clause.Flag("shard", "Number of this process, from 0.").Default("0").IntVar(&p.Shard)
	clause.Flag("i-know", "Confirm a test on a production cluster: prod or production in its name, or "+
		"listed in scaletest.production.").BoolVar(&p.IKnow)
	clause.Flag("strict", "Refuse the test if the environment differs from that of the baseline.").BoolVar(&p.Strict)
	clause.Flag("dry-run", "Print what would be sent where, and send nothing.").BoolVar(&f.dryRun)
	clause.Flag("hgrm", "Write the percentile spectrum of each sink's latency to FILE, in HdrHistogram's format.").
		PlaceHolder("FILE").StringVar(&f.hgrm)
	clause.Flag("format", "table, json, csv or markdown.").Default("table").EnumVar(&f.format, report.Formats()...)
}

// check completes the plan from the flags.
func (f *scaleFlags) check() error {
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

// test runs the test in this process. The history and the metrics are those of the running
// sidecar, if there is one. Otherwise this process is a sidecar for the time of the test.
func (f *scaleFlags) test(
	ctx context.Context, c console, cfg config.Config, pairs int,
) (tests []report.Test, err error) {
	sidecar := f.sidecar(ctx, c, cfg, "keeping the result")
	sidecar.Lasting = true // the test cleans up
	if f.plan.Sharded() {
		sidecar.Load = func() (config.Config, error) {
			return cfg, errors.New("the shards of a test meet at a running sidecar, and none was found (start one, and name " +
				"it with --sidecar.url)")
		}
	}
	err = sidecar.Do(ctx, func(ctx context.Context, client *api.Client) error {
		show := report.NewProgress(c.stderr)
		defer show.Close()
		run := testrun.Alternation{
			Options: testrun.Options{
				Config: cfg, Plan: f.plan, Client: client, Show: show.Take, Spectrum: f.hgrm, Log: c.log,
			},
			// The result is on standard output, so that the commands' output goes to standard error.
			Deployments: pairs, Deploy: testrun.Shell(c.stderr), Say: c.say,
		}
		done, err := run.Run(ctx)
		tests = run.Advised(ctx, done)
		return err
	})
	return tests, err
}

// reportScaleTests prints the results, and turns their verdicts into the exit code.
func reportScaleTests(c console, tests []report.Test, err error, format string) error {
	if printed := report.WriteTests(c.stdout, tests, format); printed != nil {
		return errors.Join(printed, err)
	}
	if err == nil {
		err = report.Failed(tests)
	}
	if err != nil {
		err = fmt.Errorf("scaletest: %w", err)
	}
	return err
}
