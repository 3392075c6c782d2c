package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

const historyMarkHelp = `Mark a finding as applied or rejected.

The mark is on the episode's page, and later advice knows of it. A later mark replaces an
earlier one.

Examples:

  sidecar history mark 01KB0000000000000000000000-F1 applied
  sidecar history mark 01KB0000000000000000000000-F2 rejected --note="the library needs Kryo"`

func historyMarkCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var request api.MarkRequest
	clause.Arg("finding", "The finding's id, as in history show.").Required().StringVar(&request.Finding)
	decision := clause.Arg("decision", "applied or rejected.").Required().
		Enum(string(episode.Applied), string(episode.Rejected))
	clause.Flag("note", "Why, in a sentence.").StringVar(&request.Note)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		request.Decision = episode.Decision(*decision)
		mark, err := where.Mark(ctx, request)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "finding %s is %s since %s\n", mark.Finding, mark.Decision,
			mark.At.UTC().Format(time.RFC3339))
		return err
	})
}
