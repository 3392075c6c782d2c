package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// grows judges a signal that significantly rises toward a limit or is above it. The one
// that fired comes first.
func grows(signals ...string) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, _ int) (cause.Verdict, bool) {
		var found *evidence.Trend
		for _, signal := range signals {
			for _, t := range f.Bundle.Trends {
				if t.Signal == signal && telling(t) && (found == nil || t.Fired && !found.Fired) {
					found = &t
				}
			}
		}
		if found == nil {
			return cause.Verdict{}, false
		}
		return growth(f, *found), true
	}
}

// telling reports whether a trend is worth a finding. A checkpoint that is slow without
// growing has other causes than its state.
func telling(t evidence.Trend) bool {
	if t.Above() && t.Signal != evidence.SignalCheckpointDuration {
		return true
	}
	return t.PerSecondLow > 0 && t.Breach != nil && *t.Breach < farAway
}

// A breach further away than farAway is not reported; one within soon is urgent.
const (
	farAway = 24 * time.Hour
	soon    = time.Hour
)

// growth names one rate, that of the line, wherever it names one.
func growth(f *cause.Facts, t evidence.Trend) cause.Verdict {
	severity := episode.Warning
	if t.Above() || t.Breach != nil && *t.Breach < soon {
		severity = episode.Critical
	}
	name, fact := strings.NewReplacer("_", " ", "gc", "GC").Replace(t.Signal), present(t)
	text := name + " is " + fact
	if t.Subject != "" {
		text += " (" + evidence.Clean(t.Subject, evidence.MaxSubject/2) + ")"
	}
	if t.Limit != nil {
		text += "; it " + passes(t)
	}
	value, unit, what := t.PerSecond, t.Unit+"/s", " per second "
	if t.PerSecondLow <= 0 {
		value, unit, what = t.Now, t.Unit, " "
	}
	id := f.Book.Metric(strings.TrimSpace(t.Signal+what+t.Subject), value, unit, text)
	return cause.Verdict{
		Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: strings.ToUpper(name[:1]) + name[1:] + title(t),
		Why:   "It is now " + fact + ".",
	}
}

// present is the level and, where it is significant, its growth.
func present(t evidence.Trend) string {
	text := evidence.Quantity(t.Now, t.Unit)
	if t.AtLeast {
		text = "at least " + text
	}
	if t.PerSecondLow > 0 {
		text += " and grows by " + evidence.Quantity(t.PerSecond*60, t.Unit) + " per minute"
	}
	return text
}

// passes says when the limit is passed.
func passes(t evidence.Trend) string {
	limit := evidence.Quantity(*t.Limit, t.Unit)
	if t.Above() {
		return "is above " + limit
	}
	return fmt.Sprintf("passes %s in %s", limit, t.Breach.Round(time.Second))
}

func title(t evidence.Trend) string {
	switch {
	case !t.Above():
		return fmt.Sprintf(" grows and reaches its limit in %s", t.Breach.Round(time.Second))
	case t.PerSecondLow > 0:
		return " is above its limit and keeps growing"
	}
	return " is above its limit"
}
