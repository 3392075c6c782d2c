package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/export"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
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
	clause.Flag("to", "collapsed, pprof (gzipped), speedscope, json or table.").Required().EnumVar(&f.to,
		"collapsed", "pprof", "speedscope", "json", "table")
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
		profile, err := openProfile(f.file, mode)
		if err != nil {
			return err
		}
		profile.Warn(c.stderr)
		return f.writeTo(c.stdout, func(w io.Writer) error { return writeProfile(w, profile, f.to) })
	}
}

// Write writes the profile in one of the formats.
func writeProfile(w io.Writer, p report.Profile, format string) error {
	switch format {
	case "collapsed":
		return p.Tree.WriteCollapsed(w)
	case "pprof":
		return export.WritePprof(w, p.Tree, p.Mode)
	case "speedscope":
		return export.WriteSpeedscope(w, p.Tree, p.Mode, p.Name)
	case "json":
		return encodeJSON(w, p.Document())
	}
	return report.Text{W: w, Profile: p}.Write()
}

// writeTo writes the output. The page has been read before, so that a bad page does not
// replace an existing file.
func (f *convertFlags) writeTo(stdout io.Writer, write func(io.Writer) error) error {
	if orDashed(f.output) == "-" {
		return write(stdout)
	}
	if sameFile(f.file, f.output) {
		return usageError{errors.New("--output is the same file as the profile (name another file)")}
	}
	file, err := os.Create(f.output)
	if err != nil {
		return err
	}
	err = write(file)
	if err := cmp.Or(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w (it is incomplete)", f.output, err)
	}
	return nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
