package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

const historyCompactHelp = `Write the history anew without its unused space. Stop the sidecar first.

It needs room for the new file beside the old one, which stays if anything fails.

Example:

  sidecar history compact --history.path=history.db`

func historyCompactCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		before, after, err := where.Compact(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "the history has %d bytes, before %d\n", after, before)
		return err
	})
}
