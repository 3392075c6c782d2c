// Package backtest runs trend rules over recorded samples, so that a team can tune a rule
// before it switches it on. The rules, their windows and their scores are those of the running
// sidecar. The clock is that of the samples, and checkpoints are read from the page too: the running
// sidecar also knows for how long one in progress has run.
package backtest

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Result is what the rules of a configuration would have done.
type Result struct {
	// Rules are the scores, one for each rule that is on.
	Rules []episode.RuleScore `json:"rules"`
	// Alerts are those that fired, in order.
	Alerts []episode.Alert `json:"-"`
	// Judged is for how long each rule could say whether its signals are well, the sum over them. A
	// rule that is not in it said nothing, and that it did not fire is no evidence.
	Judged map[string]time.Duration `json:"-"`
	// Unwatched says why a rule judged nothing on a cluster.
	Unwatched []alerts.Watched `json:"-"`
	// From and Until are the times of the first and the last sample.
	From  time.Time `json:"-"`
	Until time.Time `json:"-"`
}

// TooShort says which rules the samples are too short for; empty where each had a whole window.
func (r Result) TooShort(c alerts.Config) string {
	length := r.Until.Sub(r.From)
	var short []string
	var longest time.Duration
	for _, rule := range c.EffectiveRules() {
		if !rule.LevelOnly && rule.Window > length {
			short, longest = append(short, rule.Name), max(longest, rule.Window)
		}
	}
	if len(short) == 0 {
		return ""
	}
	return fmt.Sprintf("the samples are of %s, and %d rules look back up to %s: what they would have done is hardly "+
		"known (give samples of several windows, or shorten window)", model.Duration(length.Round(time.Second)), len(short),
		model.Duration(longest))
}

// ErrNoSamples means that no page has a metric that a signal uses.
var ErrNoSamples = errors.New("no sample is of a metric that a signal uses (record the sidecar's own metrics: " +
	"flink_* and flink_sidecar_*)")

// Run evaluates the rules over recorded pages, which are in the order of their times, as often
// as the configuration says. probed are the labels of the signals of the probe. It ends at the first
// error of the pages.
func Run(c alerts.Config, probed snapshot.Labels, pages iter.Seq2[recorded.Page, error]) (Result, error) {
	trends := alerts.NewTrends(c, slog.New(slog.DiscardHandler))
	reader, known := signal.NewReader(), listing{}
	reader.Probed = probed
	out, judged := Result{Judged: map[string]time.Duration{}}, map[judge]bool{}
	var next time.Time
	for page, err := range pages {
		if err != nil {
			return Result{}, err
		}
		if out.From.IsZero() {
			out.From, next = page.At, page.At.Add(time.Duration(c.Every))
		}
		out.Until = page.At
		// No evaluation finds out more than a quarter of a window after the last sample.
		for limit := 0; next.Before(page.At) && limit < maxSilent; limit++ {
			out.tick(trends, next)
			out.count(trends, time.Duration(c.Every), judged)
			next = next.Add(time.Duration(c.Every))
		}
		if next.Before(page.At) {
			next = page.At
		}
		known.tell(trends, page)
		for _, o := range reader.Read(page.At, page.Series) {
			trends.Observe(o)
		}
	}
	if out.From.IsZero() {
		return Result{}, ErrNoSamples
	}
	out.tick(trends, out.Until)
	out.Rules, out.Unwatched = trends.Scores(), trends.Watched()
	out.Unwatched = slices.DeleteFunc(out.Unwatched, func(w alerts.Watched) bool {
		// The signals of a probe whose job is not known are of no cluster.
		return w.State == "" || judged[judge{w.Rule, w.Cluster}] || judged[judge{rule: w.Rule}]
	})
	return out, nil
}

// judge is a rule on a cluster.
type judge struct{ rule, cluster string }

// count notes which rules judge a signal now.
func (r *Result) count(trends *alerts.Trends, every time.Duration, judged map[judge]bool) {
	for _, trend := range trends.All() {
		if trend.Unknown == nil {
			r.Judged[trend.Rule] += every
			judged[judge{trend.Rule, trend.Labels.Cluster}] = true
		}
	}
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
