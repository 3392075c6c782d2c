package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/export"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/wholefile"
)

const historyTableHelp = `Print the table "What changed?": labels of a run of scale tests, compared with its baseline.

Examples:

  sidecar history table
  sidecar history table --since=2026-03-01T12:00:00Z
  sidecar history table --run=2026-03-01T12:00:00Z --format=markdown`

const historyImportHelp = `Read throughputs that were measured elsewhere into the history, as a new run.

The first label is the baseline. The first line names the columns:

  label,throughput
  label,iteration,throughput
  label,deployment,iteration,throughput

JSON has the same keys: an array of objects, or an object a line. Nothing is stored if a row
has a fault.

With another --kind the file is what history export with this --kind wrote: whole entries of
another history. Those that are there already change nothing.

Examples:

  sidecar history import --format=csv --run=july results.csv
  sidecar history import --format=json --paired - < results.json
  sidecar history import --kind=episodes --format=jsonl episodes.jsonl`

const historyExportHelp = `Write the counted iterations of a run, in the form that history import reads. With --kind,
write every entry of a kind, newest first: as JSON lines, and as CSV what is flat (episodes,
findings, measurements).

Examples:

  sidecar history export --format=csv results.csv
  sidecar history export --run=july --format=json
  sidecar history export --kind=episodes --format=jsonl > episodes.jsonl
  sidecar history export --kind=findings > findings.csv`

// runFlags choose a run of scale tests.
type runFlags struct {
	*configFlags
	of  episode.JobRef
	run string
}

func addRunFlags(clause *kingpin.CmdClause) *runFlags {
	f := &runFlags{configFlags: addThroughFlags(clause)}
	clause.Flag("run", "Name of the run. Default: the one of the newest baseline.").StringVar(&f.run)
	clause.Flag("job", "Only runs of this job, by name.").StringVar(&f.of.Job)
	clause.Flag("cluster", "Only runs of this cluster, by name.").StringVar(&f.of.Cluster)
	return f
}

func historyTableCommand(clause *kingpin.CmdClause) action {
	f := addRunFlags(clause)
	format := clause.Flag("format", "text, markdown, csv or json.").Default("text").Enum("text", "markdown", "csv", "json")
	since := clause.Flag("since", "Compare epochs of production in place of scale tests, from this one on: the beginning "+
		"of its key, or a time.").PlaceHolder("EPOCH").String()
	block := addBlockFlag(clause, "With --since: ").String()
	return f.onHistory(func(ctx context.Context, c console, where holder.History) error {
		if *block != "" && *since == "" {
			return usageError{errors.New("--block is for a comparison of production (give --since too)")}
		}
		table, err := f.table(ctx, where, *since, *block)
		if err != nil {
			return err
		}
		switch *format {
		case "json":
			return writeJSON(c, table)
		case "csv":
			return table.CSV(c.stdout)
		case "markdown":
			return table.Markdown(c.stdout)
		}
		return table.Text(c.stdout, commandline.TakesColours(c.stdout))
	})
}

// table is that of a run or, with since, that of epochs.
func (f *runFlags) table(ctx context.Context, where holder.History, since, block string) (outcome.Table, error) {
	if since == "" {
		return where.Table(ctx, f.of, f.run)
	}
	return where.Production(ctx, f.of, since, block)
}

func historyImportCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	var request api.ImportRequest
	file := clause.Arg("file", "The file; '-' is standard input.").Required().String()
	clause.Flag("format", "csv or json; jsonl for entries of another history.").Required().
		EnumVar(&request.Format, append(outcome.Formats(), "jsonl")...)
	kinds := kindsWithRuns(export.Imported())
	kind := clause.Flag("kind", "runs (throughputs), or what entries of another history are: "+
		strings.Join(kinds[1:], ", ")+".").Default("runs").Enum(kinds...)
	clause.Flag("paired", "Pair the deployments with those of the baseline, by ascending number.").
		BoolVar(&request.Paired)
	clause.Flag("run", "Name of the new run. Default: the time of the import.").StringVar(&request.Run)
	clause.Flag("job", "Name of the job. Default: "+api.ImportedJob+".").StringVar(&request.Job)
	clause.Flag("cluster", "Name of the cluster.").StringVar(&request.Cluster)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		switch entries := *kind != "runs"; {
		case entries && request.Format != "jsonl":
			return usageError{fmt.Errorf("--format: %s are not read as %s (use --format=jsonl)", *kind, request.Format)}
		case !entries && request.Format == "jsonl":
			return usageError{errors.New("--format: throughputs are not read as jsonl (use csv or json, or say --kind)")}
		case entries && (request.Run+request.Job+request.Cluster != "" || request.Paired):
			return usageError{errors.New("entries have their run, job and cluster (leave the flags out)")}
		case entries:
			return importEntries(ctx, c, where, export.Kind(*kind), *file)
		}
		in, err := openInput(*file)
		if err != nil {
			return err
		}
		defer in.Close()
		receipt, err := where.ImportRows(ctx, in, request)
		if err != nil {
			return fmt.Errorf("%s is not imported:\n%w", orDashed(*file), err)
		}
		_, err = fmt.Fprintf(c.stdout, "imported %d rows as run %q of job %q\n", receipt.Rows, receipt.Run, receipt.Job)
		return err
	})
}

// importEntries stores the entries of a file.
func importEntries(ctx context.Context, c console, where holder.History, kind export.Kind, file string) error {
	in, err := openInput(file)
	if err != nil {
		return err
	}
	defer in.Close()
	receipt, err := where.ReadEntries(ctx, in, kind)
	if err != nil {
		return fmt.Errorf("%s is not imported: %w", orDashed(file), err)
	}
	_, err = fmt.Fprintln(c.stdout, receipt.Say(string(kind)))
	return err
}

// kindsWithRuns are the values of --kind.
func kindsWithRuns(of []export.Kind) []string {
	kinds := []string{"runs"}
	for _, k := range of {
		kinds = append(kinds, string(k))
	}
	return kinds
}

func historyExportCommand(clause *kingpin.CmdClause) action {
	f := addRunFlags(clause)
	kinds := kindsWithRuns(export.Kinds())
	kind := clause.Flag("kind", "What is written: "+strings.Join(kinds, ", ")+".").Default("runs").Enum(kinds...)
	format := clause.Flag("format", "csv; json for runs, jsonl (an entry a line) for the other kinds. Default: csv, "+
		"or jsonl for kinds that no table can show.").
		Enum(append(outcome.Formats(), "jsonl")...)
	shape := clause.Flag("shape", "Only tests of this shape.").String()
	file := clause.Arg("file", "Write to this file, in place of an older one and when it is whole; '-' or none is "+
		"standard output.").String()
	return f.onHistory(func(ctx context.Context, c console, where holder.History) error {
		write := func(to io.Writer) error {
			if *kind != "runs" {
				return f.exportKind(ctx, to, where, export.Kind(*kind), cmp.Or(*format, export.DefaultFormat(export.Kind(*kind))))
			}
			return f.exportRun(ctx, c, to, where, *shape, cmp.Or(*format, "csv"))
		}
		if orDashed(*file) == "-" {
			return write(c.stdout)
		}
		return wholefile.Write(*file, write)
	})
}

// exportRun writes the counted iterations of a run.
func (f *runFlags) exportRun(
	ctx context.Context, c console, to io.Writer, where holder.History, shape, format string,
) error {
	if format == "jsonl" {
		return usageError{errors.New("runs are written as csv or json")}
	}
	paired, err := where.WriteRun(ctx, to, f.of, f.run, shape, format)
	if err == nil && paired {
		c.say("baseline and changes alternated: import this with --paired")
	}
	return err
}

// exportKind writes every entry of a kind.
func (f *runFlags) exportKind(
	ctx context.Context, to io.Writer, where holder.History, kind export.Kind, format string,
) error {
	if !export.Takes(kind, format) {
		return usageError{fmt.Errorf("--format: %s are not written as %s (use --format=jsonl)", kind, format)}
	}
	return where.Export(ctx, f.of, func(h export.History) error { return h.Write(to, kind, format) })
}

// historyChanges declares the commands that answer what changed, and did it help.
func historyChanges(group *kingpin.CmdClause, actions map[string]action) {
	actions["history table"] = historyTableCommand(group.Command("table", historyTableHelp))
	actions["history compare"] = historyCompareCommand(group.Command("compare", historyCompareHelp))
	actions["history changes"] = historyChangesCommand(group.Command("changes", historyChangesHelp))
	actions["history frames"] = historyFramesCommand(group.Command("frames", historyFramesHelp))
	actions["history triage"] = historyTriageCommand(group.Command("triage", historyTriageHelp))
	actions["history import"] = historyImportCommand(group.Command("import", historyImportHelp))
	actions["history mark"] = historyMarkCommand(group.Command("mark", historyMarkHelp))
	actions["history backup"] = historyBackupCommand(group.Command("backup", historyBackupHelp))
	actions["history compact"] = historyCompactCommand(group.Command("compact", historyCompactHelp))
	actions["history export"] = historyExportCommand(group.Command("export", historyExportHelp))
}
