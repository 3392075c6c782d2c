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
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
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
			return report.Episodes(c.stdout, episodes)
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
	return report.Declined(c.stdout, found)
}

// withHistory calls one of two functions with the history: remote if a process has it open,
// local with the file when there is none. Without create the file must exist.
func withHistory(
	ctx context.Context, where target, c console, create bool, remote func(*api.Client) error,
	local func(*history.Store) error,
) error {
	client, _, running, err := where.find()
	if err != nil {
		return err
	}
	if running {
		return remote(client)
	}
	path := where.history
	if _, err := os.Stat(path); !create && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no history at %s (sidecar run creates one; --history.path names another)", path)
	}
	cfg := history.DefaultConfig()
	cfg.Path = path
	store, err := history.Open(ctx, cfg, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	if memory, why := store.Memory(); memory && create {
		return errors.Join(fmt.Errorf("the history cannot be written: %s (name a writable path with --history.path)", why),
			store.Close())
	}
	return errors.Join(local(store), store.Close())
}

// fromHistory is [withHistory] for functions with a result.
func fromHistory[T any](
	ctx context.Context, where target, c console, create bool, remote func(*api.Client) (T, error),
	local func(*history.Store) (T, error),
) (result T, err error) {
	err = withHistory(ctx, where, c, create, func(client *api.Client) (err error) {
		result, err = remote(client)
		return err
	}, func(store *history.Store) (err error) {
		result, err = local(store)
		return err
	})
	return result, err
}

// readHistory calls read with the history, wherever it is open.
func readHistory(ctx context.Context, where target, c console, read func(historyReader) error) error {
	return withHistory(ctx, where, c, false, func(client *api.Client) error {
		return read(remoteReader(ctx, client))
	}, func(store *history.Store) error {
		return read(storeReader(store))
	})
}

func storeReader(store *history.Store) historyReader {
	return historyReader{
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
	}
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
