package web

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// outcomeView is what came of a finding, in words.
type outcomeView struct{ episode.Outcome }

// Mood is the style of the result.
func (o outcomeView) Mood() string {
	switch o.Result {
	case episode.Hit:
		return "good"
	case episode.Opposite:
		return "bad"
	case episode.Miss:
		return "warn"
	}
	return "plain"
}

// Predicted is what the finding promised.
func (o outcomeView) Predicted() string {
	if o.PredictedLow == nil || o.PredictedHigh == nil {
		return "no interval"
	}
	return gain(&episode.Impact{LowPercent: *o.PredictedLow, HighPercent: *o.PredictedHigh})
}

// Measured is what was measured; empty if nothing was.
func (o outcomeView) Measured() string {
	if o.Change == nil || o.Low == nil || o.High == nil {
		return ""
	}
	text := episode.ChangeText(*o.Change, *o.Low, *o.High)
	if o.Detectable != nil {
		text += fmt.Sprintf(", seen from %s %%", digits(*o.Detectable))
	}
	return text
}

// Units says what was compared.
func (o outcomeView) Units() string {
	if o.Unit == "" {
		return ""
	}
	return fmt.Sprintf("%d and %s", o.UnitsBefore, plural(o.UnitsAfter, o.Unit))
}
