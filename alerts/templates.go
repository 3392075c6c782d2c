package alerts

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Words are the fields of a summary and of a runbook.
type Words struct {
	// Rule and Signal are names, Subject is the signal in words.
	Rule, Signal, Subject string
	// Cluster, Job, Vertex (its id) and Process say whose signal it is; empty where they do
	// not apply.
	Cluster, Job, Vertex, Process string
	// Level and Limit are amounts with their unit, In is the time until the limit is passed,
	// "0 s" if it is.
	Level, Limit, In string
}

func templateFields() []string {
	return []string{
		".Rule", ".Signal", ".Subject", ".Cluster", ".Job", ".Vertex", ".Process", ".Level", ".Limit", ".In",
	}
}

// exampleWords has each field.
var exampleWords = Words{"rule", "signal", "subject", "cluster", "job", "vertex", "process", "level", "limit", "in"}

// checkTemplate tries a template with examples.
func checkTemplate(text string) error {
	t, err := template.New("template").Parse(text)
	for _, example := range []Words{{}, exampleWords} {
		if err == nil {
			err = t.Execute(io.Discard, example)
		}
	}
	if err == nil {
		err = checkFields(t.Root)
	}
	if err != nil {
		return fmt.Errorf("not a template: %s", strings.TrimPrefix(err.Error(), "template: "))
	}
	return nil
}

// parsed returns a template that was validated; nil if there is none.
func parsed(text string) *template.Template {
	t, err := template.New("template").Parse(text)
	if text == "" || err != nil {
		return nil
	}
	return t
}

// wordsOf are the fields of a trend.
func wordsOf(rule *Rule, trend snapshot.Trend) Words {
	w := Words{
		Rule: rule.Name, Signal: string(rule.Signal), Subject: rule.Subject, Cluster: trend.Labels.Cluster,
		Job: trend.Labels.Job, Vertex: trend.Labels.Vertex, Process: trend.Labels.Process,
	}
	if trend.Level != nil {
		w.Level = formatAmount(trend.Unit, *trend.Level)
	}
	if trend.Limit != nil {
		w.Limit = formatAmount(trend.Unit, *trend.Limit)
	}
	if trend.Breach != nil {
		w.In = formatAmount(snapshot.Seconds, trend.Breach.Point)
	}
	return w
}

// Summarized is the summary of a rule by its own template; empty if it has none.
func (r *Rule) Summarized(w Words) string { return written(r.summary, w) }

// RunbookFor is the runbook of a rule by its own template, else the page about its signal.
func (r *Rule) RunbookFor(w Words) string {
	return cmp.Or(written(r.runbook, w), pageOf(r.Name, r.Signal))
}

// maxText bounds what a template writes, in bytes.
const maxText = 512

// written executes a template; empty without one.
func written(t *template.Template, w Words) string {
	if t == nil {
		return ""
	}
	var out strings.Builder
	if err := t.Execute(&out, w); err != nil {
		return "" // validated with the same fields
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}
