package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

const historyBackupHelp = `Copy the history into a new file, also while a sidecar uses it.

The copy is consistent, checked, and readable by its owner only. It overwrites nothing. To
restore it, stop the sidecar and put the copy in the place of the history.

Example:

  sidecar history backup history-2026-03-01.db`

func historyBackupCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var file string
	clause.Arg("file", "The new file.").Required().SetValue((*fileArg)(&file))
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		if file == "-" {
			return usageError{errors.New("a backup is not written to standard output (name a new file)")}
		}
		size, err := where.Backup(ctx, file)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "copied the history to %s, %d bytes\n", file, size)
		return err
	})
}
