// Package backtest runs trend rules over recorded samples, so that a team can tune a rule
// before it switches it on. The rules, their windows and their scores are those of the running
// sidecar; only the clock is that of the samples.
package backtest

import (
	"errors"
	"log/slog"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Result is what the rules of a configuration would have done.
type Result struct {
	// Rules are the scores, one for each rule that is on.
	Rules []episode.RuleScore `json:"rules"`
	// Alerts are those that fired, in order.
	Alerts []episode.Alert `json:"-"`
	// From and Until are the times of the first and the last sample.
	From  time.Time `json:"-"`
	Until time.Time `json:"-"`
}

// ErrNoSamples means that a file has no metric that a signal uses.
var ErrNoSamples = errors.New("no sample is of a metric that a signal uses (record the sidecar's own metrics: " +
	"flink_* and flink_sidecar_*)")

// samePage is how far the times of samples of one scrape may lie apart.
const samePage = time.Second

// Run evaluates the rules over the samples, as often as the configuration says.
func Run(c alerts.Config, samples Samples) (Result, error) {
	if len(samples) == 0 {
		return Result{}, ErrNoSamples
	}
	trends := alerts.NewTrends(c, slog.New(slog.DiscardHandler))
	reader := signal.NewReader()
	out := Result{From: samples[0].at, Until: samples[len(samples)-1].at}
	next := out.From.Add(time.Duration(c.Every))
	for page := range samples.pages() {
		at := page[0].at
		// No evaluation finds out more than a quarter of a window after the last sample.
		for limit := 0; next.Before(at) && limit < maxSilent; limit++ {
			out.tick(trends, next)
			next = next.Add(time.Duration(c.Every))
		}
		if next.Before(at) {
			next = at
		}
		for _, o := range reader.Read(at, page.series()) {
			trends.Observe(o)
		}
	}
	out.tick(trends, out.Until)
	out.Rules = trends.Scores()
	return out, nil
}

// maxSilent bounds the evaluations in a gap of the samples.
const maxSilent = 100_000

func (r *Result) tick(trends *alerts.Trends, now time.Time) {
	trends.Now = func() time.Time { return now }
	for _, alert := range trends.Tick(now) {
		if !alert.Resolved() {
			r.Alerts = append(r.Alerts, alert)
		}
	}
}

// pages yields the samples of one scrape after the other.
func (s Samples) pages() func(yield func(Samples) bool) {
	return func(yield func(Samples) bool) {
		for begin := 0; begin < len(s); {
			end := begin + 1
			for end < len(s) && s[end].at.Sub(s[begin].at) < samePage {
				end++
			}
			if !yield(s[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// series are the values of a page. Of two samples of one series the later counts.
func (s Samples) series() []signal.Series {
	out := make([]signal.Series, len(s))
	for i, one := range s {
		out[i] = one.series
	}
	return out
}
