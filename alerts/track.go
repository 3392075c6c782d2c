package alerts

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// verdict is the result of one evaluation of a rule.
type verdict int

const (
	unknown verdict = iota // neither fires nor resolves anything
	healthy
	predicted // the line passes the limit within the horizon
	above     // the signal is above the limit
)

// holds reports whether a rule with this verdict fires when it goes on.
func (v verdict) holds() bool { return v == predicted || v == above }

// track follows one signal for one rule: its window and its state.
type track struct {
	rule   *Rule
	labels snapshot.Labels
	// vertexName is for the matcher of a rule that is reloaded; empty for other subjects.
	vertexName string
	window     *series.Window
	most       *float64
	// baseline is the past of the epoch, for a limit that is a multiple of its median; nil
	// for other rules.
	baseline *baseline
	// season are the earlier days.
	season season
	// bound is the highest lower bound since the last sample; its time is zero if there is
	// none.
	bound series.Sample
	// early is the last sample of the settling time. It is shown and does not count.
	early series.Sample
	// settled is the time from which the samples of the present run or process count.
	// offered is the time of the last sample, whether it counted or not.
	settled, offered time.Time
	// gone is since when Flink does not know the subject any more; zero while it does.
	gone time.Time

	trend   snapshot.Trend
	verdict verdict
	// held is the last verdict that held: what raised an alert that fires.
	held verdict
	// pending is the time since which the rule holds. calm is the time since which it
	// does not hold while it still fires. Both are zero otherwise.
	pending, calm time.Time
	alert         episode.Alert // the alert that fires
	verdictOn     judged        // whether that alert was right
	begins        bool          // a run or process began, and no sample of it counted yet
}

// observe adds a sample, or only notes it in the settling time of its run or process. Only
// headroom can be below 0: a duration or a size below 0 is no measurement.
func (t *track) observe(o signal.Observation, settle time.Duration) {
	cut := t.window.Within(o.Within(t.rule.Scope))
	if cut || t.settled.IsZero() {
		t.settled, t.bound, t.early = o.Sample.T.Add(settle), series.Sample{}, series.Sample{}
	}
	if cut {
		t.verdictOn.cut, t.begins = true, true
	}
	if o.Max != nil {
		most := *o.Max
		t.most = &most
	}
	t.offered = o.Sample.T
	switch {
	case !(o.Sample.V >= 0 || t.rule.Signal == headroom):
	case o.Sample.T.Before(t.settled):
		t.note(o)
	case o.AtLeast:
		t.raise(o.Sample)
	case t.window.Add(o.Sample):
		t.bound = series.Sample{}
		if !t.rule.LevelOnly {
			t.season.add(o.EpochKey, o.Sample, t.begins)
			t.begins = false
		}
		if t.baseline != nil {
			t.baseline.add(o.EpochKey, o.Sample)
		}
	}
}

// note keeps a sample of the settling time. Neither a lower bound nor one point of a
// saw-tooth is the level.
func (t *track) note(o signal.Observation) {
	if !o.AtLeast && t.rule.Stretch == 0 && !math.IsInf(o.Sample.V, 0) {
		t.early = o.Sample
	}
}

// raise takes a lower bound. A later one may be lower: the next checkpoint has just begun,
// and says nothing against what the one before had taken when it failed.
func (t *track) raise(s series.Sample) {
	if t.bound.T.IsZero() {
		t.bound = s
	}
	t.bound = series.Sample{T: s.T, V: max(t.bound.V, s.V)}
}

// advance applies the last verdict and returns an alert if it begins to fire or ends.
// An unknown verdict changes nothing and restarts both waits, because they require an
// unbroken sequence.
func (t *track) advance(now time.Time, keep time.Duration) (news episode.Alert, ok bool) {
	if t.verdict.holds() {
		t.held = t.verdict
	}
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
	if !over && !t.goneFor(now, keep) {
		return episode.Alert{}, false
	}
	news = t.alert
	news.ResolvedAt = now
	t.calm, t.pending = time.Time{}, time.Time{}
	t.trend.Firing, t.trend.Since = false, time.Time{}
	return news, true
}

func (t *track) advanceOK(now time.Time) (news episode.Alert, ok bool) {
	if !t.verdict.holds() {
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
		Symptom: t.rule.Symptom, Severity: string(t.rule.Severity), Omit: t.rule.Omit,
		Runbook: t.rule.RunbookFor(wordsOf(t.rule, t.trend)),
	}
	return t.alert, true
}

// goneFor reports whether Flink has not known the subject for a time.
func (t *track) goneFor(now time.Time, long time.Duration) bool {
	return !t.gone.IsZero() && now.Sub(t.gone) >= long
}

// forgotten reports whether nothing can be said of the signal any more and no end of an
// alert remains to be reported: its subject is gone, or it had no samples for the whole
// window.
func (t *track) forgotten(now time.Time, keep time.Duration) bool {
	silent := t.window.Len() == 0 && now.Sub(t.offered) > t.rule.Window
	return !t.trend.Firing && (silent || t.goneFor(now, keep))
}
