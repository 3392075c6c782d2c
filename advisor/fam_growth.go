package advisor

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// grows judges a signal that rises, without doubt, toward a limit.
func grows(signals ...string) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, _ int) (verdict, bool) {
		for _, signal := range signals {
			for _, t := range f.bundle.Trends {
				if t.Signal == signal && t.PerSecondLow > 0 && t.Breach != nil && *t.Breach < farAway {
					return growth(f, t), true
				}
			}
		}
		return verdict{}, false
	}
}

// A breach further away than farAway is no news; one within soon is urgent.
const (
	farAway = 24 * time.Hour
	soon    = time.Hour
)

func growth(f *facts, t Trend) verdict {
	severity := episode.Warning
	if *t.Breach < soon {
		severity = episode.Critical
	}
	name := strings.NewReplacer("_", " ", "gc", "GC").Replace(t.Signal)
	text := fmt.Sprintf("%s is %s and grows by %s per minute", name, quantity(t.Now, t.Unit), quantity(t.PerSecond*60, t.Unit))
	if t.Subject != "" {
		text += " (" + clean(t.Subject, maxSubject/2) + ")"
	}
	if t.Limit != nil {
		text += fmt.Sprintf("; it passes %s in %s", quantity(*t.Limit, t.Unit), t.Breach.Round(time.Second))
	}
	id := f.book.metric(strings.TrimSpace(t.Signal+" per second "+t.Subject), t.PerSecond, t.Unit+"/s", text)
	return verdict{
		severity: severity, confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("%s grows and reaches its limit in %s", strings.ToUpper(name[:1])+name[1:], t.Breach.Round(time.Second)),
		why:   "It is now " + quantity(t.Now, t.Unit) + " and grows by at least " + quantity(t.PerSecondLow*60, t.Unit) + " per minute.",
	}
}
