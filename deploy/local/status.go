package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func statusCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("status", "Show the services of a running stack.")
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		report, err := client.Status(ctx)
		if err != nil {
			return err
		}
		return printStatus(c.out, report, time.Now())
	}}
}

func printStatus(out io.Writer, report stack.Report, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tSTATE\tPID\tPORT\tFOR\tSTARTS\tREASON")
	for _, service := range report.Services {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n",
			service.Name, service.State, unlessZero(service.PID), unlessZero(service.Port),
			now.Sub(service.Since).Round(time.Second), service.Starts, service.Reason)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	job := report.JobID
	if job == "" {
		job = "none"
	}
	_, err := fmt.Fprintf(out, "launcher pid %d, job %s, load %g records/s: %d acknowledged, %d dropped, %d skipped\n",
		report.PID, job, report.Rate, report.Counts.Acknowledged, report.Counts.Dropped, report.Counts.Skipped)
	return err
}

func unlessZero(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
