package main

import (
	"context"
	"errors"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/export"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// exportPage is how many entries are in memory at a time; a scale test may have 2 MiB.
const exportPage = 30

// exportKind writes every entry of a kind.
func (f *runFlags) exportKind(ctx context.Context, c console, kind export.Kind, format string) error {
	where, err := f.standing()
	if err != nil {
		return err
	}
	write := func(h export.History) error {
		switch format {
		case "csv":
			return h.CSV(c.stdout, kind)
		case "jsonl":
			return h.JSONLines(c.stdout, kind)
		}
		return usageError{errors.New("--kind is written as csv or jsonl, not as json")}
	}
	return withHistory(ctx, where, c, false, func(client *api.Client) error {
		return write(exportOfSidecar(ctx, client, f.of))
	}, func(store *history.Store) error {
		return write(exportOfFile(store, f.of))
	})
}

func exportOfSidecar(ctx context.Context, client *api.Client, of episode.JobRef) export.History {
	return export.History{
		Episodes: func(before string) ([]episode.Episode, error) {
			list, err := client.Episodes(ctx, of, before, exportPage)
			return list.Episodes, err
		},
		Episode: func(id string) (episode.Episode, bool, error) { return client.Episode(ctx, id) },
		Measurements: func(before string) ([]episode.Measurement, error) {
			list, err := client.Measurements(ctx, of, before, time.Time{}, time.Time{}, exportPage)
			return list.Measurements, err
		},
		ScaleTests: func(before string) ([]episode.ScaleTest, error) {
			list, err := client.ScaleTests(ctx, of, before, exportPage)
			return list.ScaleTests, err
		},
		Evaluations: func(before string) ([]episode.Evaluation, error) {
			list, err := client.Evaluations(ctx, of, before, exportPage)
			return list.Evaluations, err
		},
		Epochs: func() ([]episode.Epoch, error) {
			list, err := client.Epochs(ctx, of, history.MaxLimit)
			return list.Epochs, err
		},
	}
}

func exportOfFile(store *history.Store, of episode.JobRef) export.History {
	return export.History{
		Episodes: func(before string) ([]episode.Episode, error) { return store.Episodes(of, before, exportPage) },
		Episode:  store.Episode,
		Measurements: func(before string) ([]episode.Measurement, error) {
			return store.Measurements(of, before, time.Time{}, time.Time{}, exportPage)
		},
		ScaleTests:  func(before string) ([]episode.ScaleTest, error) { return store.ScaleTests(of, before, exportPage) },
		Evaluations: func(before string) ([]episode.Evaluation, error) { return store.Evaluations(of, before, exportPage) },
		Epochs:      func() ([]episode.Epoch, error) { return store.Epochs(of, history.MaxLimit) },
	}
}
