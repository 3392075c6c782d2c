package episode

import (
	"slices"
	"strings"
)

// Severity of a finding.
type Severity string

// The severities, the mildest first.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Impact is the gain in throughput of the job that a change may bring, in percent, as an
// interval.
type Impact struct {
	LowPercent  float64 `json:"low_percent"`
	HighPercent float64 `json:"high_percent"`
}

// Finding is one recommendation, checked against its evidence.
type Finding struct {
	ID string `json:"id"`
	// Category is one of the fixed list of the advisor, for example
	// "generic-serialization".
	Category string `json:"category"`
	Title    string `json:"title"`
	// Rank starts at 1 and is dense within one piece of advice.
	Rank int `json:"rank"`
	// Impact is nil where no bound can be measured: then severity decides the rank.
	Impact *Impact `json:"impact"`
	// Confidence is between 0 and 1.
	Confidence float64  `json:"confidence"`
	Severity   Severity `json:"severity"`
	// Evidence lists ids of Evidence in the same advice, never empty.
	Evidence  []string `json:"evidence"`
	Why       string   `json:"why"`
	Change    string   `json:"change"`
	TradeOffs string   `json:"trade_offs"`
	// Reference is the address of the documentation of what to change; empty if there is
	// none.
	Reference string `json:"reference,omitempty"`
	// Source is "rule:NAME" or "llm:MODEL".
	Source string `json:"source"`
}

// Evidence is one numbered fact that findings refer to.
type Evidence struct {
	// ID is "E1", "E2", … within one advice.
	ID string `json:"id"`
	// Kind is "frame", "metric", "config", "source", "exception" or "prior" (an earlier
	// recommendation).
	Kind string `json:"kind"`
	// Subject is what the fact is about: a frame, a metric, a key.
	Subject string `json:"subject"`
	// Value is nil where the fact is not a number.
	Value *float64 `json:"value,omitempty"`
	// Unit of Value, for example "ratio", "seconds", "samples".
	Unit string `json:"unit,omitempty"`
	Text string `json:"text"`
	// The counts of a frame, nil for other kinds. Samples are those of task threads at work
	// whose stack holds Subject, once for each stack; in Self of them it is on top; Of is
	// the number of all such samples. Mode is the mode of the profile they are from.
	Samples *int64 `json:"samples,omitempty"`
	Self    *int64 `json:"self,omitempty"`
	Of      *int64 `json:"of,omitempty"`
	Mode    string `json:"mode,omitempty"`
	// Operator is the name of the vertex whose tasks show a frame, empty where it is not known or
	// there are several.
	Operator string `json:"operator,omitempty"`
	// The code of kind "source": File is relative to its root, Line that of the first line, from
	// 1. Code has some lines, with secrets masked.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Code string `json:"code,omitempty"`
}

// Advice is the result of the advisor for one bundle of evidence. Its slices are empty
// rather than nil, so that they are [] in JSON.
type Advice struct {
	Findings []Finding   `json:"findings"`
	Evidence []Evidence  `json:"evidence"`
	Rejected []Rejection `json:"rejected"`
	// Observations and Warnings are sentences.
	Observations []string `json:"observations"`
	Warnings     []string `json:"warnings"`
}

// NotJudged begins the observation of advice that no usable profile stands behind.
const NotJudged = "The code was not judged"

// NoFinding says that the advice has no finding, and whether the code was judged. Without a usable
// profile, no finding does not mean that the code is efficient.
func (a Advice) NoFinding() string {
	if slices.ContainsFunc(a.Observations, func(o string) bool { return strings.HasPrefix(o, NotJudged) }) {
		return "No finding, and the code was not judged: the observations say why."
	}
	return "No finding: nothing in the evidence is significant."
}

// Rejection is a claim that was dropped, and why.
type Rejection struct {
	// Reason is one word of a fixed list, for example "beyond-bound".
	Reason string `json:"reason"`
	// Detail is the reason in a sentence.
	Detail string `json:"detail,omitempty"`
	Title  string `json:"title,omitempty"`
	Source string `json:"source,omitempty"`
}
