package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func writeMarkdown(w io.Writer, t scalerun.Test) error {
	fmt.Fprintf(w, "**%s** (run %s): %s\n\n", cell(t.Label), cell(t.Run), headline(t))
	var rows, sinkRows [][]string
	for _, it := range t.Iterations {
		rows = append(rows, row(it))
		for _, name := range sinkNames(it) {
			sinkRows = append(sinkRows, sinkRow(it.Iteration, name, it.Sinks[name]))
		}
	}
	if len(rows) > 0 {
		markdownTable(w, columns, rows)
		fmt.Fprintln(w)
		markdownTable(w, sinkColumns, sinkRows)
	}
	if rows := trials(t); len(rows) > 0 {
		fmt.Fprintln(w)
		markdownTable(w, trialHeader, rows)
	}
	for _, line := range remarks(t) {
		fmt.Fprintf(w, "\n- %s\n", cell(line))
	}
	return nil
}

// ofStamps are the columns that only some sinks have.
var ofStamps = regexp.MustCompile("^(stamps|ingested|indexed)_")

// markdownTable leaves out columns about stamps of which nothing is known.
func markdownTable(w io.Writer, header []string, rows [][]string) {
	var shown []int
	for i, name := range header {
		known := func(values []string) bool { return values[i] != "" }
		if !ofStamps.MatchString(name) || slices.ContainsFunc(rows, known) {
			shown = append(shown, i)
		}
	}
	line := func(values []string) string {
		var cells []string
		for _, i := range shown {
			cells = append(cells, cell(values[i]))
		}
		return strings.Join(cells, " | ")
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", line(header), strings.Repeat("---|", len(shown)))
	for _, values := range rows {
		fmt.Fprintf(w, "| %s |\n", line(values))
	}
}

// cell makes a text fit into one cell.
func cell(text string) string { return strings.ReplaceAll(plaintext.Line(text, 0), "|", `\|`) }
