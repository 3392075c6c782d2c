package main

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

const historyBackupHelp = `Copy the history into a new file, also while a sidecar uses it.

The copy is consistent, checked, and readable by its owner only. It overwrites nothing. To
restore it, stop the sidecar and put the copy in the place of the history.

Example:

  sidecar history backup history-2026-03-01.db`

func historyBackupCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	file := clause.Arg("file", "The new file.").Required().String()
	return func(ctx context.Context, c console) error {
		where, err := flags.standing()
		if err != nil {
			return err
		}
		var size int64
		err = withHistory(ctx, where, c, false, func(client *api.Client) (err error) {
			size, err = history.WriteBackup(*file, func(w io.Writer) (int64, error) { return client.Backup(ctx, w) })
			return err
		}, func(store *history.Store) (err error) {
			if err := store.Intact(); err != nil {
				return err
			}
			size, err = history.WriteBackup(*file, store.Backup)
			return err
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "copied the history to %s, %d bytes\n", *file, size)
		return err
	}
}
