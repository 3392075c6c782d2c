package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

func historyListCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	limit := clause.Flag("limit", "How many episodes to list at most.").Default("50").Int()
	var of episode.JobRef
	clause.Flag("job", "Only episodes of this job, by name.").StringVar(&of.Job)
	clause.Flag("cluster", "Only episodes of this cluster, by name.").StringVar(&of.Cluster)
	declined := clause.Flag("declined", "List the alerts that opened no episode, and why.").Bool()
	format := clause.Flag("format", "table or json.").Default("table").Enum("table", "json")
	return func(ctx context.Context, c console) error {
		where, err := flags.standing()
		if err != nil {
			return err
		}
		return readHistory(ctx, where, c, func(r historyReader) error {
			if *declined {
				return listDeclined(c, r, of, *limit, *format)
			}
			episodes, err := r.list(of, *limit)
			if err != nil {
				return err
			}
			if *format == "json" {
				return writeJSON(c, api.EpisodeList{Episodes: episodes})
			}
			return writeEpisodes(c.stdout, episodes)
		})
	}
}

func historyShowCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	id := clause.Arg("id", "The episode's id, as in history list.").Required().String()
	return func(ctx context.Context, c console) error {
		where, err := flags.standing()
		if err != nil {
			return err
		}
		return readHistory(ctx, where, c, func(r historyReader) error {
			ep, found, err := r.show(*id)
			if err == nil && !found {
				err = fmt.Errorf("there is no episode %s (sidecar history list shows the ids)", *id)
			}
			if err != nil {
				return err
			}
			return writeJSON(c, ep)
		})
	}
}

// historyReader reads a history, wherever it is open.
type historyReader struct {
	list func(of episode.JobRef, limit int) ([]episode.Episode, error)
	show func(id string) (episode.Episode, bool, error)

	declined func(of episode.JobRef, limit int) ([]episode.Declined, error)
}

// listDeclined prints the alerts that opened no episode.
func listDeclined(c console, r historyReader, of episode.JobRef, limit int, format string) error {
	found, err := r.declined(of, limit)
	if err != nil {
		return err
	}
	if format == "json" {
		return writeJSON(c, api.DeclinedList{Declined: append([]episode.Declined{}, found...)})
	}
	return writeDeclined(c.stdout, found)
}

// readHistory calls read with the history: through the process that has it open, or from
// the file when there is none.
func readHistory(ctx context.Context, where target, c console, read func(historyReader) error) error {
	client, _, running, err := where.find()
	if err != nil {
		return err
	}
	if running {
		return read(remoteReader(ctx, client))
	}
	path := where.history
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no history at %s (sidecar run creates one; --history.path names another)", path)
	}
	cfg := history.DefaultConfig()
	cfg.Path = path
	store, err := history.Open(ctx, cfg, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	err = read(historyReader{
		list: func(of episode.JobRef, limit int) ([]episode.Episode, error) {
			episodes, err := store.Episodes(of, "", limit)
			for i, ep := range episodes {
				episodes[i] = api.Brief(ep)
			}
			return episodes, err
		},
		show: store.Episode,
		declined: func(of episode.JobRef, limit int) ([]episode.Declined, error) {
			return store.Declined(of, "", limit)
		},
	})
	return errors.Join(err, store.Close())
}

func remoteReader(ctx context.Context, client *api.Client) historyReader {
	return historyReader{
		list: func(of episode.JobRef, limit int) ([]episode.Episode, error) {
			list, err := client.Episodes(ctx, of, "", limit)
			return list.Episodes, err
		},
		show: func(id string) (episode.Episode, bool, error) { return client.Episode(ctx, id) },
		declined: func(of episode.JobRef, limit int) ([]episode.Declined, error) {
			list, err := client.Declined(ctx, of, "", limit)
			return list.Declined, err
		},
	}
}

func writeJSON(c console, v any) error { return encodeJSON(c.stdout, v) }

func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
