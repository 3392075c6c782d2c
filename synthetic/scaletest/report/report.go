// Package report writes the result of a scale test: as tables for people, as CSV and
// Markdown for documents. The JSON form is the result itself.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Formats are the names of the forms.
func Formats() []string { return []string{"table", "json", "csv", "markdown"} }

// Test is a scale test with the advice about its profiles.
type Test struct {
	scalerun.Test

	// Advice is nil unless it was asked for.
	Advice *episode.Advice `json:"advice,omitempty"`
}

// WriteTests writes tests one after the other in one of the formats. As CSV they are one table.
func WriteTests(w io.Writer, tests []Test, format string) error {
	if format == "csv" {
		return writeCSV(w, tests)
	}
	for i, test := range tests {
		if i > 0 && format != "json" {
			fmt.Fprintln(w)
		}
		if err := WriteTest(w, test, format); err != nil {
			return err
		}
	}
	return nil
}

// Failed is an error about the first test that is void or was aborted; nil if all are good.
func Failed(tests []Test) error {
	for _, test := range tests {
		if test.Verdict != scalerun.OK {
			return fmt.Errorf("%s: %s", test.Verdict, test.Reason)
		}
	}
	return nil
}

// WriteTest writes a test and its advice in a format. CSV has no advice.
func WriteTest(w io.Writer, t Test, format string) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(t)
	}
	if err := Write(w, t.Test, format); err != nil || t.Advice == nil || format == "csv" {
		return err
	}
	fmt.Fprintln(w)
	if format == "markdown" {
		return report.AdviceMarkdown(w, *t.Advice)
	}
	return report.Advice(w, *t.Advice)
}

// Write writes a test in a format.
func Write(w io.Writer, t scalerun.Test, format string) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(t)
	case "csv":
		return writeCSV(w, []Test{{Test: t}})
	case "markdown":
		return writeMarkdown(w, t)
	}
	return writeTable(w, t)
}

func writeTable(w io.Writer, t scalerun.Test) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s: %s\n\n", plaintext.Line(t.Label, 0), headline(t))
	if len(t.Iterations) > 0 {
		fmt.Fprintln(tw, "#\tsent\tlost\tdup\treord\tto Kafka\tto all sinks\trecords/s\tslowest\tCPU s/M\tremarks\t")
		for _, it := range t.Iterations {
			fmt.Fprintf(tw, "%d\t%d/%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", it.Iteration, it.Sent, it.Intended, it.Lost,
				it.Duplicates, it.Reordered, seconds(it.ToKafkaSeconds), seconds(it.ToAllSinksSeconds), rate(it.Throughput),
				dash(it.SlowestSink), rate(it.CPUPerMillion), dash(iterationRemarks(it)))
		}
		fmt.Fprintln(tw)
		fmt.Fprintln(tw, "#\tsink\tseen\trecords/s\tmin\tmean\tp50\tp90\tp99\tmax\t")
		for _, it := range t.Iterations {
			for _, name := range sinkNames(it) {
				writeSink(tw, it.Iteration, name, it.Sinks[name])
			}
		}
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	if err := writeTrials(w, t); err != nil {
		return err
	}
	for _, line := range remarks(t) {
		fmt.Fprintf(w, "\n%s\n", plaintext.Line(line, 0))
	}
	return nil
}

// writeSink writes the lines of one sink: the latency by our own clock, and between the
// stamps in the documents.
func writeSink(w io.Writer, iteration int, name string, s scalerun.Sink) {
	line := func(what string, seen, rate string, l scalerun.Latency) {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", iteration, what, seen, rate, seconds(l.Min),
			seconds(l.Mean), seconds(l.P50), seconds(l.P90), seconds(l.P99), seconds(l.Max))
	}
	line(name, strconv.FormatInt(s.Seen, 10), rate(s.Throughput), s.Latency)
	if s.Stamps != nil {
		line(name+" stamps", "", "", *s.Stamps)
	}
}
