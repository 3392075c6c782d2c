package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

func checkConfigCommand(clause *kingpin.CmdClause) action {
	var file string
	clause.Arg("file", "The configuration file; - is standard input.").Required().SetValue((*fileArg)(&file))
	return func(_ context.Context, c console) error {
		cfg, err := config.Check(file, os.Stdin)
		if err != nil {
			// The faults are the result of this command, not a failure of it.
			fmt.Fprintln(c.stdout, err)
			return errReported
		}
		for _, path := range cfg.Files() {
			if _, err := os.Stat(path); err != nil {
				fmt.Fprintf(c.stderr, "sidecar: warning: %v (the sidecar reads it)\n", reason(err))
			}
		}
		for _, line := range cfg.Deprecated {
			fmt.Fprintf(c.stderr, "sidecar: warning: %s\n", line)
		}
		fmt.Fprintln(c.stdout, "ok: "+cfg.Summary())
		return nil
	}
}

func reason(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", pathErr.Path, pathErr.Err)
	}
	return err
}
