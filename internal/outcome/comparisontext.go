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

// figureLine is a figure of a shape, as the forms show it.
type figureLine struct {
	shape string
	// key is its name for programs, name for readers.
	key, name string
	Judged
}

// figures are those that are known of a side.
func (c Comparison) figures() (lines []figureLine) {
	for _, s := range c.Shapes {
		throughput := Judged{s.Throughput, s.Low, s.High, s.Method, s.Verdict, s.Detectable}
		for _, f := range []figureLine{
			{s.Shape, "throughput", "records/s", throughput},
			{s.Shape, "latency_p50_seconds", "p50 s", s.LatencyP50},
			{s.Shape, "latency_p99_seconds", "p99 s", s.LatencyP99},
			{s.Shape, "cpu_seconds_per_million", "CPU s/million", s.CPUPerMillion},
			{s.Shape, "deployments", "deployments", Judged{Figure: s.Deployments}},
			{s.Shape, "iterations", "counted", Judged{Figure: s.Iterations}},
		} {
			if f.Base != nil || f.New != nil {
				lines = append(lines, f)
			}
		}
	}
	return lines
}

// cells are a line for each figure.
func (c Comparison) cells() (lines [][]string) {
	for _, f := range c.figures() {
		lines = append(lines, dashed(plaintext.Line(f.shape, maxLabel), f.name, cell(f.Base, brief), cell(f.New, brief),
			withSign(f.Change), intervalText(Row{Low: f.Low, High: f.High}), string(f.Method), string(f.Verdict),
			cell(f.Detectable, inPercent)))
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
			notes = append(notes, "large regression: "+s.whyLarge()+".")
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

// whyLarge says what is worse for sure.
func (s ShapeComparison) whyLarge() string {
	var worse []string
	if s.Verdict == Worse {
		worse = append(worse, fmt.Sprintf("the throughput is %s lower, and the whole interval is below 0",
			inPercent(-*s.Throughput.Change)))
	}
	for _, f := range []struct {
		name string
		Judged
	}{{"p99", s.LatencyP99}, {"the CPU time", s.CPUPerMillion}} {
		if f.Verdict == Worse {
			worse = append(worse, fmt.Sprintf("%s is %s higher, and the whole interval is above 0", f.name, inPercent(*f.Change)))
		}
	}
	return strings.Join(worse, "; ")
}

// Text writes the comparison for a terminal. Verdicts have a colour if coloured is true.
func (c Comparison) Text(w io.Writer, coloured bool) error {
	return writeText(w, c.title(), comparisonColumns, c.cells(), c.notes(), coloured)
}

// Markdown writes the comparison for a pull request.
func (c Comparison) Markdown(w io.Writer) error {
	return writeMarkdown(w, c.title(), comparisonColumns, c.cells(), c.notes())
}
