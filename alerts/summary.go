package alerts

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The summary stands in an annotation or a notice: one sentence, with the subject
// first, then the time, numbers in a readable form, and the interval last. It has no
// capital at the start and no full stop, because it follows a title or stands in a
// list.
//
//	checkpoint size will pass 512 MiB in 22 min (15–34)
//	heap after garbage collection on tm-3 will pass 922 MiB in 3 h (1.5–9)
//	checkpoint duration passed 60 s and keeps growing
//	checkpoint duration is at least 2.6 min, above 60 s
//	failed checkpoints in a row reached 3
func (t *track) summary(limit float64, b stat.Breach) string {
	if own := t.rule.Summarized(wordsOf(t.rule, t.trend)); own != "" {
		return own
	}
	unit := unitOfTime(b.Point)
	verb := "pass"
	if t.rule.Below {
		verb = "fall below"
	}
	return fmt.Sprintf("%s will %s %s in %s %s (%s–%s)", t.subject(), verb, formatAmount(t.rule.Unit, limit),
		unit.number(b.Point), unit.name, unit.number(b.Low), unit.number(b.High))
}

// summaryAbove is the summary of a signal that is beyond its limit.
func (t *track) summaryAbove() string {
	if own := t.rule.Summarized(wordsOf(t.rule, t.trend)); own != "" {
		return own
	}
	limit := formatAmount(t.rule.Unit, *t.trend.Limit)
	side, verb, goesOn := "above", "passed", "growing"
	if t.rule.Below {
		side, verb, goesOn = "below", "fell below", "falling"
	}
	keep := "keeps"
	if t.rule.row.Plural {
		keep = "keep"
	}
	if t.trend.SlopeLow != nil {
		return fmt.Sprintf("%s %s %s and %s %s", t.subject(), verb, limit, keep, goesOn)
	}
	level := formatAmount(t.rule.Unit, *t.trend.Level)
	if level == limit { // a limit is reached at its value, which is not above it
		return fmt.Sprintf("%s reached %s", t.subject(), limit)
	}
	if t.trend.AtLeast {
		level = "at least " + level
	}
	return fmt.Sprintf("%s %s %s, %s %s", t.subject(), t.rule.row.Is(), level, side, limit)
}

func (t *track) subject() string {
	if t.labels.Process == "" {
		return t.rule.Subject
	}
	return t.rule.Subject + " on " + t.labels.Process
}
