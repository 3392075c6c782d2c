package main

import (
	"context"
	"errors"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

const historyCompareHelp = `Compare two labels of a run of scale tests, for example for a pull request.

Throughput, latency and CPU each have the 95 % interval of their change and a verdict. Less latency
and less CPU are better.

The exit code is 3 after a large regression: the verdict is "worse", and the throughput is at
least 10 % lower. Or, as with sidecar evaluate, two of throughput, p99 and CPU are worse by 20 %, or
one by 40 % (evaluate.regression_percent).

Examples:

  sidecar history compare main my-branch
  sidecar history compare main my-branch --format=markdown > comment.md`

func historyCompareCommand(clause *kingpin.CmdClause) action {
	f := addRunFlags(clause)
	base := clause.Arg("base", "The label to compare with.").Required().String()
	changed := clause.Arg("new", "The label of the change.").Required().String()
	format := clause.Flag("format", "text, markdown, csv or json.").Default("text").
		Enum("text", "markdown", "csv", "json")
	return f.onHistory(func(ctx context.Context, c console, where holder.History) error {
		comparison, err := where.Compare(ctx, f.of, f.run, *base, *changed)
		if err != nil {
			return err
		}
		switch *format {
		case "json":
			err = writeJSON(c, comparison)
		case "csv":
			err = comparison.CSV(c.stdout)
		case "markdown":
			err = comparison.Markdown(c.stdout)
		default:
			err = comparison.Text(c.stdout, commandline.TakesColours(c.stdout))
		}
		if err != nil {
			return err
		}
		if comparison.LargeRegression {
			return regressionError{errors.New("this is a large regression (take the change back, or find what it costs)")}
		}
		return nil
	})
}
