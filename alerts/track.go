package alerts

import (
	"errors"
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The reasons for an unknown trend, in addition to those of the fit.
var (
	errStale   = errors.New("no fresh samples")
	errNoLimit = errors.New("the maximum for fraction_of_max is not known")
)

// verdict is the result of one evaluation of a rule.
type verdict int

const (
	unknown verdict = iota // neither fires nor resolves anything
	healthy
	firing
)

// track follows one signal for one rule: its window and its state between quiet and
// firing.
type track struct {
	rule   *Rule
	labels snapshot.Labels
	window *series.Window
	most   *float64
	// settled is the time from which the samples of the present run or process count.
	// offered is the time of the last sample, whether it counted or not.
	settled, offered time.Time

	trend   snapshot.Trend
	verdict verdict
	// pending is the time since which the rule holds. calm is the time since which it
	// does not hold while it still fires. Both are zero otherwise.
	pending, calm time.Time
	alert         episode.Alert // the alert that fires
}

// observe adds a sample unless it falls into the settling time of its run or process.
func (t *track) observe(o Observation, settle time.Duration) {
	if cut := t.window.Within(o.within(t.rule.Scope)); cut || t.settled.IsZero() {
		t.settled = o.Sample.T.Add(settle)
	}
	if o.Max != nil {
		most := *o.Max
		t.most = &most
	}
	t.offered = o.Sample.T
	if !o.Sample.T.Before(t.settled) {
		t.window.Add(o.Sample)
	}
}

// assess computes the trend as of now.
func (t *track) assess(now time.Time, b *buffer) {
	t.window.Trim(now)
	t.trend = snapshot.Trend{
		Rule: t.rule.Name, Signal: t.rule.Signal, Labels: t.labels, Unit: t.rule.Unit, Firing: t.trend.Firing,
		Since: t.trend.Since,
	}
	t.verdict, t.trend.Unknown = t.judge(now, b)
}

func (t *track) judge(now time.Time, b *buffer) (verdict, error) {
	last, ok := t.window.Last()
	if !ok || now.Sub(last.T) > t.rule.Window/4 {
		return unknown, errStale
	}
	b.fill(t.window, t.rule.Stretch, now)
	t.trend.Samples = len(b.times)
	if len(b.times) < t.rule.MinSamples {
		return unknown, stat.ErrTooFew
	}
	line := stat.FitLine(b.times, b.values)
	if math.IsNaN(line.Slope) {
		return unknown, line.Warnings[0]
	}
	t.trend.Level, t.trend.Slope = &line.Level, &line.Slope
	limit, ok := t.rule.limit(t.most)
	if !ok {
		return unknown, errNoLimit
	}
	t.trend.Limit = &limit
	return t.compare(line, limit), nil
}

// compare reports whether the line heads for the limit. A firing rule keeps firing
// beyond the limit, when the slope is gone but the trouble remains.
func (t *track) compare(line stat.Line, limit float64) verdict {
	breach, ok := line.TimeToBreach(limit, significance)
	if ok {
		t.trend.Breach = &breach
		low := line.SlopeLow(significance)
		t.trend.SlopeLow = &low
		t.trend.Summary = t.summary(limit, breach)
	}
	near := ok && breach.Low <= t.rule.Horizon.Seconds()
	if near || t.trend.Firing && line.Level >= limit {
		return firing
	}
	return healthy
}

// fill copies the window's samples, or the lower edge of its saw-tooth, with times in
// seconds before now.
func (b *buffer) fill(w *series.Window, stretch time.Duration, now time.Time) {
	b.times, b.values = b.times[:0], b.values[:0]
	if stretch == 0 {
		b.times, b.values = w.AppendSeconds(now, b.times, b.values)
		return
	}
	for _, s := range series.Minima(w.Samples(), stretch, now) {
		b.times = append(b.times, s.T.Sub(now).Seconds())
		b.values = append(b.values, s.V)
	}
}

// advance applies the last verdict and returns an alert if it begins to fire or ends.
// An unknown verdict changes nothing and restarts both waits, because they require an
// unbroken sequence.
func (t *track) advance(now time.Time, keep time.Duration) (news episode.Alert, ok bool) {
	if !t.trend.Firing {
		return t.advanceOK(now)
	}
	switch {
	case t.verdict != healthy:
		t.calm = time.Time{}
	case t.calm.IsZero():
		t.calm = now
	}
	over := !t.calm.IsZero() && now.Sub(t.calm) >= keep
	gone := now.Sub(t.offered) > t.rule.Window
	if !over && !gone {
		return episode.Alert{}, false
	}
	news = t.alert
	news.ResolvedAt = now
	t.calm, t.pending = time.Time{}, time.Time{}
	t.trend.Firing, t.trend.Since = false, time.Time{}
	return news, true
}

func (t *track) advanceOK(now time.Time) (news episode.Alert, ok bool) {
	if t.verdict != firing {
		t.pending = time.Time{}
		return episode.Alert{}, false
	}
	if t.pending.IsZero() {
		t.pending = now
	}
	if now.Sub(t.pending) < t.rule.For {
		return episode.Alert{}, false
	}
	t.trend.Firing, t.trend.Since = true, now
	t.alert = episode.Alert{
		Rule: t.rule.Name, Source: episode.FromTrend,
		Cluster: t.labels.Cluster, Job: t.labels.Job, Vertex: t.labels.Vertex, Process: t.labels.Process,
		Summary: t.trend.Summary, StartsAt: now, Fingerprint: fingerprint(t.rule.Name, t.labels),
	}
	return t.alert, true
}

// forgotten reports whether the signal had no samples for the whole window and no end
// of an alert remains to be reported.
func (t *track) forgotten(now time.Time) bool {
	return t.window.Len() == 0 && !t.trend.Firing && now.Sub(t.offered) > t.rule.Window
}
