package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// grows judges a signal that significantly rises toward a limit.
func grows(signals ...string) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, _ int) (cause.Verdict, bool) {
		for _, signal := range signals {
			for _, t := range f.Bundle.Trends {
				if t.Signal == signal && t.PerSecondLow > 0 && t.Breach != nil && *t.Breach < farAway {
					return growth(f, t), true
				}
			}
		}
		return cause.Verdict{}, false
	}
}

// A breach further away than farAway is not reported; one within soon is urgent.
const (
	farAway = 24 * time.Hour
	soon    = time.Hour
)

func growth(f *cause.Facts, t evidence.Trend) cause.Verdict {
	severity := episode.Warning
	if *t.Breach < soon {
		severity = episode.Critical
	}
	name := strings.NewReplacer("_", " ", "gc", "GC").Replace(t.Signal)
	text := fmt.Sprintf("%s is %s and grows by %s per minute", name, evidence.Quantity(t.Now, t.Unit),
		evidence.Quantity(t.PerSecond*60, t.Unit))
	if t.Subject != "" {
		text += " (" + evidence.Clean(t.Subject, evidence.MaxSubject/2) + ")"
	}
	if t.Limit != nil {
		text += fmt.Sprintf("; it passes %s in %s", evidence.Quantity(*t.Limit, t.Unit), t.Breach.Round(time.Second))
	}
	id := f.Book.Metric(strings.TrimSpace(t.Signal+" per second "+t.Subject), t.PerSecond, t.Unit+"/s", text)
	return cause.Verdict{
		Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: fmt.Sprintf("%s grows and reaches its limit in %s", strings.ToUpper(name[:1])+name[1:],
			t.Breach.Round(time.Second)),
		Why: "It is now " + evidence.Quantity(t.Now, t.Unit) + " and grows by at least " +
			evidence.Quantity(t.PerSecondLow*60, t.Unit) + " per minute.",
	}
}
