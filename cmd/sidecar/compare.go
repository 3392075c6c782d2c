package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

const historyCompareHelp = `Compare two labels of a run of scale tests, for example for a pull request.

Throughput, latency and CPU each have the 95 % interval of their change and a verdict. Less latency
and less CPU are better.

The exit code is 3 after a large regression: the verdict is "worse", and the throughput is at
least 10 % lower.

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
		tests, err := where.Tests(ctx, f.of, f.run)
		if err != nil {
			return err
		}
		comparison, err := outcome.Compare(tests, *base, *changed)
		if err != nil {
			return err
		}
		frames, err := where.FramesBetween(ctx, tests, *base, *changed)
		if err != nil {
			return err
		}
		if err := writeComparison(c, comparison, frames, *format); err != nil {
			return err
		}
		if comparison.LargeRegression {
			return regressionError{errors.New("this is a large regression (take the change back, or find what it costs)")}
		}
		return nil
	})
}

func writeComparison(c console, comparison outcome.Comparison, frames *report.Diff, format string) error {
	switch format {
	case "json":
		return writeJSON(c, struct {
			outcome.Comparison
			// Frames compares profiles; null without a profile of each label.
			Frames *report.Diff `json:"frames"`
		}{comparison, frames})
	case "csv":
		return comparison.CSV(c.stdout)
	case "markdown":
		if err := comparison.Markdown(c.stdout); err != nil || frames == nil {
			return err
		}
		fmt.Fprintln(c.stdout)
		return report.DiffText{W: c.stdout, Diff: *frames}.Markdown()
	}
	if err := comparison.Text(c.stdout, takesColours(c.stdout)); err != nil || frames == nil {
		return err
	}
	fmt.Fprintln(c.stdout)
	return report.DiffText{W: c.stdout, Diff: *frames}.Write()
}
