package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

func historyListCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	limit := clause.Flag("limit", "How many episodes to list at most.").Default("50").Int()
	var of episode.JobRef
	clause.Flag("job", "Only episodes of this job, by name.").StringVar(&of.Job)
	clause.Flag("cluster", "Only episodes of this cluster, by name.").StringVar(&of.Cluster)
	vertex := clause.Flag("vertex", "Only episodes of the vertex of this name.").String()
	declined := clause.Flag("declined", "List the alerts that opened no episode, and why.").Bool()
	format := clause.Flag("format", "table or json.").Default("table").Enum("table", "json")
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		if *limit < 1 || *limit > history.MaxLimit {
			return usageError{fmt.Errorf("--limit: %d is not from 1 to %d (give another)", *limit, history.MaxLimit)}
		}
		if *declined {
			return listDeclined(ctx, c, where, of, *limit, *format)
		}
		episodes, err := where.Episodes(ctx, of, *vertex, *limit)
		switch {
		case err != nil:
			return err
		case *format == "json":
			return writeJSON(c, api.EpisodeList{Episodes: episodes})
		}
		return report.Episodes(c.stdout, episodes)
	})
}

// listDeclined prints the alerts that opened no episode.
func listDeclined(
	ctx context.Context, c console, where holder.History, of episode.JobRef, limit int, format string,
) error {
	found, err := where.Declined(ctx, of, limit)
	switch {
	case err != nil:
		return err
	case format == "json":
		return writeJSON(c, api.DeclinedList{Declined: append([]episode.Declined{}, found...)})
	}
	return report.Declined(c.stdout, found)
}

func historyShowCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	id := clause.Arg("id", "The episode's id, as in history list.").Required().String()
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		ep, err := where.Episode(ctx, *id)
		if err != nil {
			return err
		}
		return writeJSON(c, ep)
	})
}

func writeJSON(c console, v any) error { return encodeJSON(c.stdout, v) }

func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
