package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

const historyFramesHelp = `Say which frames changed between the profiles of two epochs of a job.

An epoch is named by the beginning of its key, or by a time. At least three good profiles of
each are needed, of one vertex and in one mode.

Examples:

  sidecar history frames
  sidecar history frames --job=orders --from=3f2a --to=9c01 --format=markdown`

func historyFramesCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var q api.EpochFramesQuery
	clause.Flag("from", "The epoch to compare with. Default: the one before the other.").PlaceHolder("EPOCH").
		StringVar(&q.From)
	clause.Flag("to", "The epoch of the change. Default: the newest.").PlaceHolder("EPOCH").StringVar(&q.To)
	clause.Flag("job", "Only epochs of this job, by name.").StringVar(&q.Of.Job)
	clause.Flag("cluster", "Only epochs of this cluster, by name.").StringVar(&q.Of.Cluster)
	format := clause.Flag("format", "text, markdown or json.").Default("text").Enum("text", "markdown", "json")
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		frames, err := where.EpochFrames(ctx, q)
		if err != nil {
			return err
		}
		return writeEpochFrames(c, frames, *format)
	})
}

func writeEpochFrames(c console, frames api.EpochFrames, format string) error {
	if format == "json" {
		return writeJSON(c, frames)
	}
	if frames.Missing > 0 {
		fmt.Fprintf(c.stderr, "sidecar: %d profiles are left out: their pages are not kept any more\n", frames.Missing)
	}
	if _, err := fmt.Fprintf(c.stdout, "%s\n\n", frames.Title()); err != nil {
		return err
	}
	if format == "markdown" {
		return frames.Comparison.Markdown(c.stdout)
	}
	return frames.Comparison.Text(c.stdout)
}
