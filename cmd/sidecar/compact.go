package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

const historyCompactHelp = `Write the history anew without its unused space. Stop the sidecar first.

It needs room for the new file beside the old one, which stays if anything fails.

Example:

  sidecar history compact --history.path=history.db`

func historyCompactCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	return func(ctx context.Context, c console) error {
		where, err := flags.standing()
		if err != nil {
			return err
		}
		if _, url, running, err := where.find(); err != nil {
			return err
		} else if running {
			return fmt.Errorf("the sidecar at %s uses the history (stop it, compact, and start it again)", url)
		}
		if _, err := os.Stat(where.history); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no history at %s (--history.path names another)", where.history)
		}
		before, after, err := history.Compact(ctx, where.history, quiet(ctx, c.log))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "the history has %d bytes, before %d\n", after, before)
		return err
	}
}
