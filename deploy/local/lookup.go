package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func lookupCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("lookup", "Change how long the customer lookup takes to answer.")
	delay := clause.Flag("delay", "Time until an answer, such as 5ms.").Required().Duration()
	return command{clause, func(ctx context.Context, c console) error {
		client, err := stack.NewClient(*dir)
		if err != nil {
			return err
		}
		before, err := client.SetLookupDelay(ctx, *delay)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "the lookup answers after %s (was %s)\n", *delay, before)
		return err
	}}
}
