package outcome

import (
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// evaluationColumns are the titles of the forms for readers.
var evaluationColumns = []column{
	{title: "figure", left: true},
	{title: "value"},
	{title: "last accepted"},
	{title: "expected"},
	{title: "95 % of values"},
	{title: "worse by"},
	{title: "accepted"},
	{title: "", left: true},
}

// figureNames are the words for the figures.
var figureNames = map[string]string{
	"throughput":              "records/s",
	"latency_p99_seconds":     "p99 s",
	"cpu_seconds_per_million": "CPU s/million",
}

// EvaluationText writes an evaluation for a terminal.
func EvaluationText(w io.Writer, e episode.Evaluation) error {
	return writeText(w, evaluationTitle(e), evaluationColumns, evaluationCells(e), evaluationNotes(e), false)
}

// EvaluationMarkdown writes an evaluation for a pull request.
func EvaluationMarkdown(w io.Writer, e episode.Evaluation) error {
	return writeMarkdown(w, evaluationTitle(e), evaluationColumns, evaluationCells(e), evaluationNotes(e))
}

func evaluationTitle(e episode.Evaluation) string {
	return plaintext.Line(fmt.Sprintf("Evaluation %s of job %s: %s", e.Label, e.Job, e.Verdict), 0)
}

func evaluationCells(e episode.Evaluation) (lines [][]string) {
	for _, j := range e.Judged {
		interval, outside := "", ""
		if j.Low != nil && j.High != nil {
			interval = brief(*j.Low) + " to " + brief(*j.High)
		}
		if j.Outside {
			outside = "outside"
		}
		lines = append(lines, append(dashed(figureNames[j.Name], brief(j.Value), cell(j.Last, brief),
			cell(j.Expected, brief), interval, cell(j.WorsePercent, inPercent), fmt.Sprint(j.Accepted)), outside))
	}
	return lines
}

// evaluationNotes say what the verdict rests on, and what is missing.
func evaluationNotes(e episode.Evaluation) []string {
	var notes []string
	switch {
	case e.Verdict == episode.EvaluationNoBaseline && e.BaselineLabel != "":
		notes = append(notes, plaintext.Line(fmt.Sprintf("no baseline: no accepted evaluation with the label %q is like "+
			"this one.", e.BaselineLabel), 0))
	case e.Verdict == episode.EvaluationNoBaseline && e.Accepted:
		notes = append(notes, "no baseline: this is the first accepted evaluation of its kind.")
	case e.Verdict == episode.EvaluationNoBaseline:
		notes = append(notes, "no baseline: no accepted evaluation is like this one (accept one with "+
			"sidecar evaluate --accept).")
	case e.Verdict == episode.EvaluationTooFew:
		notes = append(notes, fmt.Sprintf("too few samples: a verdict needs %d accepted evaluations that are like this one.",
			MinAccepted))
	}
	if e.Accepted {
		notes = append(notes, "accepted: later evaluations are compared with this one.")
	}
	for _, note := range e.Notes {
		notes = append(notes, plaintext.Line(note, 0))
	}
	return notes
}

// FigureName is a figure of an evaluation as people call it.
func FigureName(name string) string { return figureNames[name] }

// RegressionText is a large regression in a sentence.
func RegressionText(e episode.Evaluation) string {
	var worse []string
	for _, j := range e.Judged {
		if j.Outside && j.WorsePercent != nil && j.Expected != nil {
			worse = append(worse, fmt.Sprintf("%s is worse by %.0f %% (%.4g, expected %.4g)", FigureName(j.Name),
				*j.WorsePercent, j.Value, *j.Expected))
		}
	}
	return fmt.Sprintf("Large regression of job %s with %s: %s", e.Job, e.Label, strings.Join(worse, ", "))
}
