package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/proberound"
)

func probeCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	records := clause.Flag("records",
		"How many records to send; 0 is one per partition of the source topic.").Default("0").Int()
	format := clause.Flag("format", "table or json.").Default("table").Enum("table", "json")
	return func(ctx context.Context, c console) error {
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		where := target{url: flags.sidecarURL, history: cfg.History.Path, client: cfg.Web.Client}
		if cfg.Probe == nil && where.url == "" {
			return errors.New("the configuration has no section probe " +
				"(sidecar init writes one; see docs/configuration.md)")
		}
		ep, err := probeOnce(ctx, cfg, where, *records, c)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		return reportRound(c, ep, *format)
	}
}

// probeOnce runs the round through the sidecar that has the history open, if there is
// one: then its accounts and metrics include the records. Otherwise this process is a
// sidecar for the time of the round.
func probeOnce(
	ctx context.Context, cfg config.Config, where target, records int, c console,
) (ep episode.Episode, err error) {
	request := api.RoundRequest{Records: records, Source: episode.FromCLI}
	client, running, err := where.through("probing", c)
	switch {
	case err != nil:
		return ep, err
	case running:
		return proberound.Run(ctx, client, request, c.stderr)
	}
	err = besides(ctx, cfg, c, func(ctx context.Context, _ *app.App, client *api.Client) error {
		ep, err = proberound.Run(ctx, client, request, c.stderr)
		return err
	})
	return ep, err
}

// reportRound prints the result of a round. The round fails if any record did not arrive,
// so that scripts can use the exit code.
func reportRound(c console, ep episode.Episode, format string) error {
	if ep.Measurement == nil {
		return fmt.Errorf("episode %s has no measurement: %s", ep.ID, report.OrDash(ep.Error))
	}
	if format == "json" {
		if err := writeJSON(c, ep); err != nil {
			return err
		}
	} else if err := report.Measurement(c.stdout, *ep.Measurement); err != nil {
		return err
	}
	for _, account := range ep.Measurement.Accounts {
		if arrived := account.Outcomes[episode.OnTime] + account.Outcomes[episode.Late]; arrived < account.Intended {
			return fmt.Errorf("%d of %d records did not reach %s (see sidecar history show %s)",
				account.Intended-arrived, account.Intended, account.Sink, ep.ID)
		}
	}
	return nil
}
