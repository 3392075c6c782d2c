package alerts

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
)

// Reload takes over the rules and times of another section, which must be valid. A rule that
// keeps its name and its signal keeps its windows, its alerts and its scores. The alerts of
// a rule that is gone, or is no longer about their subject, end at the next evaluation. The
// webhook is not part of it.
func (t *Trends) Reload(c Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rules = c.EffectiveRules()
	t.settle, t.keep = time.Duration(c.Settle), time.Duration(c.KeepFiringFor)
	t.every, t.delivery = time.Duration(c.Every), c.Delivery
	t.order = slices.DeleteFunc(t.order, func(followed *track) bool {
		rule := t.rule(followed.rule)
		if rule != nil && rule.Matches(signal.Observation{Labels: followed.labels, VertexName: followed.vertexName}) {
			followed.take(rule)
			return false
		}
		if followed.trend.Firing {
			over := followed.alert
			over.ResolvedAt = t.Now()
			t.ended = append(t.ended, over)
			t.scores.dropped(followed)
		}
		delete(t.tracks, trackKey{followed.rule.Name, followed.labels})
		return true
	})
}

// rule returns what became of a rule; nil if it is gone or is about another signal.
func (t *Trends) rule(before *Rule) *Rule {
	i := slices.IndexFunc(t.rules, func(r Rule) bool { return r.Name == before.Name && r.Signal == before.Signal })
	if i < 0 {
		return nil
	}
	return &t.rules[i]
}

// take gives a track its changed rule. A window of another length keeps the samples that fit.
func (t *track) take(rule *Rule) {
	if rule.Window != t.rule.Window {
		samples := t.window.Samples()
		longer := series.NewWindow(rule.Window, int(rule.Window/minPoll)+1)
		longer.Within(t.window.Key())
		for _, s := range samples {
			longer.Add(s)
		}
		t.window = longer
	}
	if rule.MultipleOfMedian > 0 && t.baseline == nil {
		t.baseline = &baseline{}
	}
	t.rule = rule
}

// interval is the time between two evaluations.
func (t *Trends) interval() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.every
}

// LongestWindow is how much of the past the rules need.
func (t *Trends) LongestWindow() (longest time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.rules {
		longest = max(longest, t.rules[i].Window)
	}
	return longest
}
