package main

import (
	"context"
	"errors"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// downPatience bounds how long a running launcher may take to stop its services: each
// of them has a grace of its own.
const downPatience = 2 * time.Minute

func downCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("down", "Stop the stack, or the processes that a killed launcher left behind.")
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, downPatience)
		defer cancel()
		if err := client.Stop(ctx); err != nil && !errors.Is(err, stack.ErrNotRunning) {
			return err
		}
		news := &news{out: c.err}
		return client.WaitGone(ctx, news.tell)
	}}
}
