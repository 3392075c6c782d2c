// Package report writes the result of a scale test: as tables for people, as CSV and
// Markdown for documents. The JSON form is the result itself.
package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Formats are the names of the forms.
func Formats() []string { return []string{"table", "json", "csv", "markdown"} }

// Test is a scale test with the advice about its profiles.
type Test struct {
	episode.ScaleTest

	// Advice is nil unless it was asked for.
	Advice *episode.Advice `json:"advice,omitempty"`
}

// WriteTests writes tests one after the other in one of the formats.
func WriteTests(w io.Writer, tests []Test, format string) error {
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
		if test.Verdict != episode.ScaleOK {
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
	if err := Write(w, t.ScaleTest, format); err != nil || t.Advice == nil || format == "csv" {
		return err
	}
	fmt.Fprintln(w)
	if format == "markdown" {
		return report.AdviceMarkdown(w, *t.Advice)
	}
	return report.Advice(w, *t.Advice)
}

// Write writes a test in a format.
func Write(w io.Writer, t episode.ScaleTest, format string) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(t)
	case "csv":
		return writeCSV(w, t)
	case "markdown":
		return writeMarkdown(w, t)
	}
	return writeTable(w, t)
}

// columns are those of one iteration in every form but JSON.
var columns = []string{
	"iteration", "intended", "sent", "not_sent", "produce_failed", "lost", "duplicates", "reordered",
	"to_kafka_seconds", "to_all_sinks_seconds", "throughput", "slowest_sink", "publish_delay_p99_seconds",
	"cpu_seconds_per_million", "checkpoints", "backpressured_ratio", "gc_seconds", "payload_bytes", "exchanged_bytes",
	"warm_up", "flags",
}

// row has a value for each column; unknown is empty.
func row(it episode.ScaleIteration) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []string{
		strconv.Itoa(it.Iteration), count(it.Intended), count(it.Sent), count(it.NotSent), count(it.ProduceFailed),
		count(it.Lost), count(it.Duplicates), count(it.Reordered), number(it.ToKafkaSeconds),
		number(it.ToAllSinksSeconds), number(it.Throughput), it.SlowestSink, number(it.PublishDelay.P99),
		number(it.CPUPerMillion), whole(it.Checkpoints), number(it.Backpressure), number(it.GCSeconds),
		count(it.PayloadBytes), number(it.ExchangedBytes), strconv.FormatBool(it.WarmUp), strings.Join(it.Flags, " "),
	}
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}

func whole(v *int) string {
	if v == nil {
		return ""
	}
	return strconv.Itoa(*v)
}

// sinkColumns are those of one iteration at one sink.
var sinkColumns = []string{
	"iteration", "sink", "seen", "lost", "duplicates", "reordered", "to_all_seconds", "throughput",
	"latency_min_seconds", "latency_mean_seconds", "latency_p50_seconds", "latency_p90_seconds", "latency_p99_seconds",
	"latency_max_seconds",
}

func sinkRow(iteration int, name string, s episode.ScaleSink) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	l := s.Latency
	return []string{
		strconv.Itoa(iteration), name, count(s.Seen), count(s.Lost), count(s.Duplicates), count(s.Reordered),
		number(s.ToAllSeconds), number(s.Throughput), number(l.Min), number(l.Mean), number(l.P50), number(l.P90),
		number(l.P99), number(l.Max),
	}
}

// writeCSV writes one line for each iteration and sink, which repeats the columns of the
// iteration.
func writeCSV(w io.Writer, t episode.ScaleTest) error {
	out := csv.NewWriter(w)
	header := append([]string{"run", "label", "baseline", "verdict", "deployment"}, columns...)
	if err := out.Write(append(header, sinkColumns[1:]...)); err != nil {
		return err
	}
	for _, it := range t.Iterations {
		first := append([]string{
			plaintext.Line(t.Run, 0), plaintext.Line(t.Label, 0), strconv.FormatBool(t.Baseline), string(t.Verdict),
			plaintext.Line(t.Deployment, 0),
		}, row(it)...)
		for _, name := range sinkNames(it) {
			line := append(append([]string{}, first...), sinkRow(it.Iteration, name, it.Sinks[name])[1:]...)
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func writeMarkdown(w io.Writer, t episode.ScaleTest) error {
	fmt.Fprintf(w, "**%s** (run %s): %s\n\n", cell(t.Label), cell(t.Run), headline(t))
	markdownTable(w, columns, func(yield func([]string)) {
		for _, it := range t.Iterations {
			yield(row(it))
		}
	})
	fmt.Fprintln(w)
	markdownTable(w, sinkColumns, func(yield func([]string)) {
		for _, it := range t.Iterations {
			for _, name := range sinkNames(it) {
				yield(sinkRow(it.Iteration, name, it.Sinks[name]))
			}
		}
	})
	for _, line := range remarks(t) {
		fmt.Fprintf(w, "\n- %s\n", cell(line))
	}
	return nil
}

func markdownTable(w io.Writer, header []string, rows func(yield func([]string))) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	rows(func(values []string) {
		for i := range values {
			values[i] = cell(values[i])
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(values, " | "))
	})
}

// cell makes a text fit into one cell.
func cell(text string) string { return strings.ReplaceAll(plaintext.Line(text, 0), "|", `\|`) }

func writeTable(w io.Writer, t episode.ScaleTest) error {
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
	for _, line := range remarks(t) {
		fmt.Fprintf(w, "\n%s\n", plaintext.Line(line, 0))
	}
	return nil
}

// writeSink writes the lines of one sink: the latency by our own clock, and between the
// stamps in the documents.
func writeSink(w io.Writer, iteration int, name string, s episode.ScaleSink) {
	line := func(what string, seen, rate string, l episode.ScaleLatency) {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", iteration, what, seen, rate, seconds(l.Min),
			seconds(l.Mean), seconds(l.P50), seconds(l.P90), seconds(l.P99), seconds(l.Max))
	}
	line(name, strconv.FormatInt(s.Seen, 10), rate(s.Throughput), s.Latency)
	if s.Stamps != nil {
		line(name+" stamps", "", "", *s.Stamps)
	}
}
