package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evaluate"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/report"
)

const evaluateHelp = `Measure a job once, for a schedule or a pipeline: a bounded scale test, a probe round or only
profiles, then advice, and a comparison with accepted evaluations.

The exit code is 3 after a large regression: two of throughput, p99 and CPU are worse by 20 %,
or one by 40 %, and the values are outside of the interval that the accepted evaluations predict.
The comparison needs at least five accepted evaluations.

Examples:

  sidecar evaluate --config.file=sidecar.yml --label=nightly --accept
  sidecar evaluate --config.file=sidecar.yml --label=my-branch --output=evaluation`

func evaluateCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var o evaluate.Options
	clause.Flag("label", "Name of what is evaluated, for example a version.").Required().StringVar(&o.Label)
	clause.Flag("baseline-label", "Compare only with accepted evaluations of this label.").StringVar(&o.BaselineLabel)
	clause.Flag("accept", "Compare later evaluations with this one, unless it is a large regression.").
		BoolVar(&o.Accept)
	clause.Flag("accept-regression", "Accept it even as a large regression: earlier evaluations do not count any more.").
		BoolVar(&o.AcceptRegression)
	measure := clause.Flag("measure", "scaletest, probe or profile. Default: the first of them that is configured and "+
		"permitted.").Enum(string(episode.EvaluatedScaleTest), string(episode.EvaluatedProbe),
		string(episode.EvaluatedProfile))
	clause.Flag("output", "Write report.md, the evidence and the profiles to this directory, which must be new or empty.").
		PlaceHolder("DIR").StringVar(&o.Output)
	clause.Flag("i-know", "Confirm a scale test on a production cluster.").BoolVar(&o.IKnow)
	format := clause.Flag("format", "text, markdown or json.").Default("text").Enum("text", "markdown", "json")
	return func(ctx context.Context, c console) (err error) {
		o.Measure = episode.EvaluationKind(*measure)
		if o.Config, err = flags.load(); err != nil {
			return err
		}
		if err := evaluate.Check(o); err != nil {
			return fmt.Errorf("evaluate: %w", err)
		}
		o.Say, o.Log = c.say, c.log
		show := report.NewProgress(c.stderr)
		defer show.Close()
		o.Show = show.Take
		sidecar := flags.sidecar(ctx, c, o.Config, "evaluating")
		sidecar.Polled = func() string { return o.Config.ProbedJob().Cluster }
		sidecar.Lasting = true // a scale test cleans up
		var evaluation episode.Evaluation
		err = sidecar.Do(ctx, func(ctx context.Context, client *api.Client) (err error) {
			o.Client = client
			evaluation, err = evaluate.Run(ctx, o)
			return err
		})
		if err != nil {
			err = fmt.Errorf("evaluate: %w", err)
		}
		if evaluation.Verdict == "" { // it was not made
			return err
		}
		return errors.Join(err, reportEvaluation(c, evaluation, *format))
	}
}

// reportEvaluation prints an evaluation, and turns its verdict into the exit code.
func reportEvaluation(c console, evaluation episode.Evaluation, format string) (err error) {
	switch format {
	case "json":
		err = writeJSON(c, evaluation)
	case "markdown":
		err = outcome.EvaluationMarkdown(c.stdout, evaluation)
	default:
		err = outcome.EvaluationText(c.stdout, evaluation)
	}
	if err == nil && evaluation.Verdict == episode.EvaluationRegression && !evaluation.Fresh {
		err = regressionError{errors.New("this is a large regression (take the change back, or find what it costs)")}
	}
	return err
}
