package outcome

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// csvHeader is a contract: scripts read these columns.
var csvHeader = []string{
	"change", "throughput", "improvement_percent", "step_percent", "ci_low", "ci_high", "verdict", "shape",
	"latency_p50_seconds", "latency_p99_seconds", "cpu_seconds_per_million", "deployments", "iterations",
}

// CSV writes the table with all digits of the throughput and two decimals of percentages.
// An unknown value is an empty cell.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	records := [][]string{csvHeader}
	for _, r := range t.Rows {
		deployments := ""
		if r.Deployments != nil {
			deployments = strconv.Itoa(*r.Deployments)
		}
		records = append(records, []string{
			r.Change, cell(r.Throughput, number), cell(r.Improvement, percent), cell(r.Step, percent), cell(r.Low, percent),
			cell(r.High, percent), string(r.Verdict), r.Shape, cell(r.LatencyP50, digits), cell(r.LatencyP99, digits),
			cell(r.CPUPerMillion, digits), deployments, strconv.Itoa(r.Iterations),
		})
	}
	return out.WriteAll(records)
}

// comparisonHeader are the columns of a [Comparison].
var comparisonHeader = []string{
	"shape", "figure", "base", "new", "change_percent", "ci_low", "ci_high", "verdict", "method", "minimum_detectable_percent",
}

// CSV writes a line for each figure that is known of a side, as [Table.CSV] does.
func (c Comparison) CSV(w io.Writer) error {
	records := [][]string{comparisonHeader}
	for _, f := range c.figures() {
		records = append(records, []string{
			f.shape, f.key, cell(f.Base, number), cell(f.New, number), cell(f.Change, percent), cell(f.Low, percent),
			cell(f.High, percent), string(f.Verdict), string(f.Method), cell(f.Detectable, percent),
		})
	}
	return csv.NewWriter(w).WriteAll(records)
}

// cell writes a value; empty if it is unknown.
func cell(v *float64, write func(float64) string) string {
	if v == nil {
		return ""
	}
	return write(*v)
}

// percent writes a percentage with two decimals.
func percent(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	if text == "-0.00" {
		return "0.00"
	}
	return text
}

// digits writes a measured value with six significant digits.
func digits(v float64) string { return number(rounded(v, 6)) }

// brief writes a value with four significant digits, and all digits before the point.
func brief(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return number(rounded(v, 4))
}

// rounded returns v with so many significant digits.
func rounded(v float64, digits int) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v // it is above the largest number when rounded up
	}
	return short
}

// column is a column of the table for readers.
type column struct {
	title string
	of    func(Row) string // empty is unknown
	left  bool             // text, not a number
	must  bool             // it is shown even if it is empty in all rows
}

// columns are those of the forms for readers. The verdict stands beside its interval.
var columns = []column{
	{"change", func(r Row) string { return plaintext.Line(r.Change, maxLabel) }, true, true},
	{"shape", func(r Row) string { return plaintext.Line(r.Shape, maxLabel) }, true, false},
	{"records/s", func(r Row) string { return cell(r.Throughput, brief) }, false, true},
	{"improvement", func(r Row) string { return withSign(r.Improvement) }, false, true},
	{"step", func(r Row) string { return withSign(r.Step) }, false, true},
	{"95 % interval", intervalText, false, true},
	{"method", func(r Row) string { return string(r.Method) }, true, false},
	{"verdict", func(r Row) string { return string(r.Verdict) }, true, true},
	{"detectable", func(r Row) string { return cell(r.Detectable, inPercent) }, false, true},
	{"between", func(r Row) string {
		return cell(r.BetweenShare, func(v float64) string { return strconv.Itoa(int(100*v+0.5)) + " %" })
	}, false, false},
	{"p50 s", func(r Row) string { return cell(r.LatencyP50, brief) }, false, false},
	{"p99 s", func(r Row) string { return cell(r.LatencyP99, brief) }, false, false},
	{"CPU s/million", func(r Row) string { return cell(r.CPUPerMillion, brief) }, false, false},
	{"deployments", func(r Row) string {
		if r.Deployments == nil {
			return ""
		}
		return strconv.Itoa(*r.Deployments)
	}, false, true},
	{"counted", func(r Row) string { return strconv.Itoa(r.Iterations) }, false, true},
}

func withSign(v *float64) string {
	return cell(v, func(v float64) string {
		if text := inPercent(v); strings.HasPrefix(text, "-") || text == "0.00 %" {
			return text
		}
		return "+" + inPercent(v)
	})
}

func inPercent(v float64) string { return percent(v) + " %" }

func intervalText(r Row) string {
	if r.Low == nil || r.High == nil {
		return ""
	}
	return percent(*r.Low) + " to " + percent(*r.High)
}

// grid is the text of the columns that have something to show: the titles, then the rows.
func (t Table) grid() (shown []column, cells [][]string) {
	for _, c := range columns {
		used := c.must
		for _, r := range t.Rows {
			used = used || c.of(r) != ""
		}
		if used {
			shown = append(shown, c)
		}
	}
	for _, r := range t.Rows {
		var line []string
		for _, c := range shown {
			text := c.of(r)
			if text == "" {
				text = "-"
			}
			line = append(line, text)
		}
		cells = append(cells, line)
	}
	return shown, cells
}
