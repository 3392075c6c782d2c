package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/proberound"
)

func probeCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	records := clause.Flag("records",
		"How many records to send; 0 is one per partition of the source topic.").Default("0").Int()
	format := clause.Flag("format", "table or json.").Default("table").Enum("table", "json")
	return func(ctx context.Context, c console) error {
		sidecar, err := flags.asking(ctx, c, "probing")
		if err != nil {
			return err
		}
		sidecar.Load = flags.loadProbe
		// Through the sidecar that has the history open its accounts and metrics include the records.
		var ep episode.Episode
		err = sidecar.Do(ctx, func(ctx context.Context, client *api.Client) (err error) {
			ep, err = proberound.Run(ctx, client, api.RoundRequest{Records: *records, Source: episode.FromCLI}, c.stderr)
			return err
		})
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		return proberound.Report(c.stdout, ep, *format)
	}
}

// loadProbe is load for a sidecar of the command's own, which needs the section probe.
func (f *configFlags) loadProbe() (config.Config, error) {
	cfg, err := f.load()
	if err == nil && cfg.Probe == nil {
		err = errors.New("the configuration has no section probe (sidecar init writes one; see docs/configuration.md)")
	}
	return cfg, err
}
