package promrules

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/alerts"
)

// marks stand for the fields of a template of ours while it is written: one rune each, of those that no
// text has, so that no cut leaves half of one.
var marks = alerts.Words{
	Cluster: "\ue001", Job: "\ue002", Vertex: "\ue003", Process: "\ue004", Level: "\ue005",
}

// templated is what a template of ours writes, as a template of Prometheus: its fields are those of
// Prometheus, and all other text stays as it is.
func templated(rule alerts.Rule, write func(alerts.Words) string) string {
	words := marks
	words.Rule, words.Signal, words.Subject = rule.Name, string(rule.Signal), rule.Subject
	words.Limit, words.In = "its limit", "at most "+lasting(rule.Horizon)
	text := strings.ReplaceAll(write(words), "{{", `{{"{{"}}`)
	return strings.NewReplacer(
		marks.Cluster, "{{ $labels.cluster }}", marks.Job, "{{ $labels.job }}", marks.Vertex, "{{ $labels.vertex }}",
		marks.Process, "{{ $labels.taskmanager }}", marks.Level, humanized(rule.Unit),
	).Replace(text)
}
