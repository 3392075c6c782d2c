package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func loadCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("load", "Change the rate of the background load.")
	rate := clause.Flag("rate", "Orders per second; 0 for none.").Required().Float64()
	duration := clause.Flag("duration", "Restore the earlier rate after this time; Ctrl-C restores it at once.").
		Duration()
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		before, err := client.SetLoad(ctx, *rate)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "load is %g records/s (was %g)\n", *rate, before)
		if *duration <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(*duration):
		}
		// Also after Ctrl-C.
		if _, err := client.SetLoad(context.WithoutCancel(ctx), before); err != nil &&
			!errors.Is(err, stack.ErrNotRunning) {
			return err
		}
		_, err = fmt.Fprintf(c.out, "load is %g records/s again\n", before)
		return err
	}}
}
