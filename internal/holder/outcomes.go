package holder

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Tests are the scale tests of a run, oldest first. An empty run is the one of the newest
// baseline.
func (h History) Tests(ctx context.Context, of episode.JobRef, run string) ([]scalerun.Test, error) {
	return from(ctx, h, func(client *api.Client) ([]scalerun.Test, error) {
		return client.Run(ctx, of, run)
	}, func(store *history.Store) ([]scalerun.Test, error) {
		return api.StoredRun(store, of, run)
	})
}

// Table is the table "What changed?" of a run.
func (h History) Table(ctx context.Context, of episode.JobRef, run string) (outcome.Table, error) {
	tests, err := h.Tests(ctx, of, run)
	return outcome.NewTable(tests), err
}

// Production is the table "What changed?" of epochs, from the epoch since on: the beginning of
// its key, or a time. block is the length of a block of measurements.
func (h History) Production(ctx context.Context, of episode.JobRef, since, block string) (outcome.Table, error) {
	return from(ctx, h, func(client *api.Client) (outcome.Table, error) {
		return client.ProductionTable(ctx, of, since, block)
	}, func(store *history.Store) (outcome.Table, error) {
		return routes.ProductionTable(store, of, since, h.blockOr(block))
	})
}

// ChangePoints says when the standing measurements changed.
func (h History) ChangePoints(ctx context.Context, q api.ChangeQuery) (changepoint.Report, error) {
	return from(ctx, h, func(client *api.Client) (changepoint.Report, error) {
		return client.ChangePoints(ctx, q)
	}, func(store *history.Store) (changepoint.Report, error) {
		q.Block = h.blockOr(q.Block)
		return routes.FindChangePoints(store, q, time.Now())
	})
}

// blockOr is the length of a block that a command names, or that of the configuration.
func (h History) blockOr(text string) string {
	if text == "" && h.Block != 0 {
		return h.Block.String()
	}
	return text
}
