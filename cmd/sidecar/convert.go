package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/profilefile"
)

const convertHelp = `Convert a flame graph page of Flink or async-profiler. Needs no network.

Examples:

  sidecar profile convert run_ITIMER_1.html --to=table
  sidecar profile convert run_ITIMER_1.html --to=pprof --output=run.pb.gz
  sidecar profile convert - --to=collapsed --mode=ALLOC < run.html`

type convertFlags struct{ file, to, output, mode string }

func convertCommand(clause *kingpin.CmdClause) action {
	f := &convertFlags{}
	clause.Arg("file", "The page, of any version of async-profiler, or collapsed stacks "+
		"(FILE.collapsed); '-' is standard input, a page.").Required().StringVar(&f.file)
	clause.Flag("to", "collapsed, pprof (gzipped), speedscope, json or table.").Required().
		EnumVar(&f.to, profilefile.Formats()...)
	clause.Flag("output", "The file to write; '-' is standard output. An existing file is replaced.").Default("-").
		StringVar(&f.output)
	clause.Flag("mode", "ITIMER, CPU, ALLOC, LOCK or WALL, where neither the page nor its name has the right mode.").
		StringVar(&f.mode)
	return func(_ context.Context, c console) error {
		var mode flame.Mode
		if f.mode != "" {
			var err error
			if mode, err = flame.ParseMode(f.mode); err != nil {
				return usageError{fmt.Errorf("--mode: %w", err)}
			}
		}
		profile, err := profilefile.Open(orDashed(f.file), mode)
		if err != nil {
			return err
		}
		profile.Warn(c.stderr)
		if orDashed(f.output) == "-" {
			return profilefile.Write(c.stdout, profile, f.to)
		}
		err = profilefile.Save(f.output, profile, f.to)
		if errors.Is(err, profilefile.ErrSame) {
			err = usageError{fmt.Errorf("--output %w", err)}
		}
		return err
	}
}
