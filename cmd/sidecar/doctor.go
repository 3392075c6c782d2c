package main

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
)

const doctorHelp = `Check every endpoint, right and version that the configuration needs. Each check is a line that
begins with a sign; below a fault is the line that repairs it:

  ✓ works   ! works with less   ✗ can't work   ? could not be checked

The command changes nothing. It sends one short request without your data to the LLM. Exit code 1: a check
failed, so a configured part cannot work.`

func doctorCommand(clause *kingpin.CmdClause) action {
	flags := addConfigFlags(clause)
	var options doctor.Options
	clause.Flag("alertmanager.url", "Address of an Alertmanager that should send its alerts to the sidecar.").
		StringVar(&options.Alertmanager)
	format := clause.Flag("format", "table or json.").Default("table").Enum("table", "json")
	return func(ctx context.Context, c console) error {
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		options.File = flags.file
		report := doctor.Examine(ctx, cfg, options)
		if *format == "json" {
			err = report.WriteJSON(c.stdout)
		} else {
			report.WriteTable(c.stdout)
		}
		if err == nil && (ctx.Err() != nil || !report.Works()) {
			err = errReported
		}
		return err
	}
}
