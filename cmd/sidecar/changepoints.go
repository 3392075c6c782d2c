package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

const historyChangesHelp = `Say when the standing measurements of a job changed, also without a change of the job.

An epoch that began near a change may be its cause. A change without one is not explained by
the job or its settings.

Examples:

  sidecar history changes
  sidecar history changes --job=orders --since=30d --format=markdown`

const historyTriageHelp = `Say whether a change point is real: positive if something changed, negative if not.

The precision of the detector is counted from it. A later triage replaces an earlier one.

Examples:

  sidecar history triage 01KB00000000000000000000AB positive --note="the new brokers"
  sidecar history triage 01KB00000000000000000000CD negative`

// addSearchFlags declares the flags that say where to look for change points.
func addSearchFlags(clause *kingpin.CmdClause, since, block *string) {
	clause.Flag("since", "From when on: how long ago, or a time.").Default(api.ChangesSince).StringVar(since)
	addBlockFlag(clause, "").StringVar(block)
}

// addBlockFlag declares the length of a block of standing measurements.
func addBlockFlag(clause *kingpin.CmdClause, when string) *kingpin.FlagClause {
	return clause.Flag("block", when+"Length of a block. Default: evaluate.block of the sidecar, which is "+
		outcome.DefaultConfig().Block.String()+" unless it is configured.")
}

func historyChangesCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var q api.ChangeQuery
	addSearchFlags(clause, &q.Since, &q.Block)
	clause.Flag("job", "Only this job, by name.").StringVar(&q.Of.Job)
	clause.Flag("cluster", "Only jobs of this cluster, by name.").StringVar(&q.Of.Cluster)
	format := clause.Flag("format", "text, json, csv or markdown.").Default("text").Enum("text", "json", "csv", "markdown")
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		report, err := where.ChangePoints(ctx, q)
		if err != nil {
			return err
		}
		switch *format {
		case "json":
			return writeJSON(c, report)
		case "csv":
			return report.CSV(c.stdout)
		case "markdown":
			return report.Markdown(c.stdout)
		}
		return report.Text(c.stdout)
	})
}

func historyTriageCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var request api.TriageRequest
	clause.Arg("id", "The change point's id, as in history changes.").Required().StringVar(&request.ID)
	state := clause.Arg("state", "positive or negative.").Required().
		Enum(string(episode.Positive), string(episode.Negative))
	clause.Flag("note", "Why, in a sentence.").StringVar(&request.Note)
	addSearchFlags(clause, &request.Since, &request.Block)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		request.State = episode.TriageState(*state)
		triage, err := where.Triage(ctx, request)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "change point %s is %s since %s\n", triage.ID, triage.State,
			triage.At.UTC().Format(time.RFC3339))
		return err
	})
}
