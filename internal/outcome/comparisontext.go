package outcome

import (
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// comparisonColumns are the titles of the forms for readers.
var comparisonColumns = []column{
	{title: "shape", left: true},
	{title: "figure", left: true},
	{title: "base"},
	{title: "new"},
	{title: "change"},
	{title: "95 % interval"},
	{title: "method", left: true},
	{title: "verdict", left: true},
	{title: "detectable"},
}

// cells are a line for each figure that is known of a side.
func (c Comparison) cells() (lines [][]string) {
	for _, s := range c.Shapes {
		for _, f := range []struct {
			name string
			Figure
		}{
			{"records/s", s.Throughput},
			{"p50 s", s.LatencyP50},
			{"p99 s", s.LatencyP99},
			{"CPU s/million", s.CPUPerMillion},
			{"deployments", s.Deployments},
			{"counted", s.Iterations},
		} {
			if f.Base == nil && f.New == nil {
				continue
			}
			interval, method, verdict, detectable := "", "", "", ""
			if f.name == "records/s" {
				interval, method = intervalText(Row{Low: s.Low, High: s.High}), string(s.Method)
				verdict = string(s.Verdict)
				detectable = cell(s.Detectable, inPercent)
			}
			lines = append(lines, dashed(plaintext.Line(s.Shape, maxLabel), f.name, cell(f.Base, brief), cell(f.New, brief),
				withSign(f.Change), interval, method, verdict, detectable))
		}
	}
	return lines
}

// dashed writes a dash for each unknown value.
func dashed(cells ...string) []string {
	for i, text := range cells {
		if text == "" {
			cells[i] = "-"
		}
	}
	return cells
}

// title says what is compared.
func (c Comparison) title() string {
	return plaintext.Line(fmt.Sprintf("Did it help? base: %s, new: %s, run %s of job %s", c.Base, c.New, c.Run, c.Job), 0)
}

// notes warn, and say what the verdict rests on.
func (c Comparison) notes() (notes []string) {
	for _, s := range c.Shapes {
		if s.LargeRegression {
			notes = append(notes, fmt.Sprintf("large regression: the throughput is %s lower, and the whole interval is "+
				"below 0.", inPercent(-*s.Throughput.Change)))
		}
	}
	if len(c.Environment) > 0 {
		var differ []string
		for _, d := range c.Environment {
			differ = append(differ, fmt.Sprintf("%s %s → %s", d.Name, strings.Join(d.Base, " / "),
				strings.Join(d.New, " / ")))
		}
		notes = append(notes, "warning: "+plaintext.Line("more differs than the label: "+strings.Join(differ, ", "), 0)+
			" (test both alike)")
	}
	asTable := Table{Warnings: c.Warnings}
	for _, s := range c.Shapes {
		asTable.Rows = append(asTable.Rows, Row{Verdict: s.Verdict, Low: s.Low, Method: s.Method})
	}
	return append(notes, asTable.notes()...)
}

// Text writes the comparison for a terminal. Verdicts have a colour if coloured is true.
func (c Comparison) Text(w io.Writer, coloured bool) error {
	return writeText(w, c.title(), comparisonColumns, c.cells(), c.notes(), coloured)
}

// Markdown writes the comparison for a pull request.
func (c Comparison) Markdown(w io.Writer) error {
	return writeMarkdown(w, c.title(), comparisonColumns, c.cells(), c.notes())
}
