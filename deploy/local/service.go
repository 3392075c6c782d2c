package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func killCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("kill", "Send a signal to a service. It is not restarted.")
	name := clause.Arg("service", "Name as in status.").Required().String()
	signal := clause.Flag("signal", "Which signal: KILL, TERM, STOP, CONT, …").Default("KILL").String()
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		status, err := client.Kill(ctx, *name, *signal)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "%s is %s\n", status.Name, status.State)
		return err
	}}
}

func startCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("start", "Start a stopped service, and wait until it is ready.")
	name := clause.Arg("service", "Name as in status.").Required().String()
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		status, err := client.Start(ctx, *name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "%s is %s after %.1f s (pid %d)\n", status.Name, status.State, status.Took,
			status.PID)
		return err
	}}
}
