package report

import (
	"encoding/csv"
	"io"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// writeCSV writes all tests as one table. A line is an iteration at a sink, and repeats the columns
// of the test and of the iteration. In a table of searches a line is a trial.
func writeCSV(w io.Writer, tests []Test) error {
	header, lines := slices.Concat(testColumns, columns, sinkColumns[1:]), iterationLines
	if slices.ContainsFunc(tests, func(t Test) bool { return t.Sustainable != nil }) {
		header, lines = slices.Concat(testColumns, trialColumns), trialLines
	}
	records := [][]string{header}
	for _, t := range tests {
		records = append(records, lines(t.Test)...)
	}
	return csv.NewWriter(w).WriteAll(records)
}

func iterationLines(t scalerun.Test) (lines [][]string) {
	for _, it := range t.Iterations {
		for _, name := range sinkNames(it) {
			lines = append(lines, slices.Concat(testRow(t), row(it), sinkRow(it.Iteration, name, it.Sinks[name])[1:]))
		}
	}
	return lines
}

func trialLines(t scalerun.Test) (lines [][]string) {
	if t.Sustainable == nil {
		return nil
	}
	for i := range t.Sustainable.Trials {
		lines = append(lines, slices.Concat(testRow(t), trialRow(i, *t.Sustainable)))
	}
	return lines
}
