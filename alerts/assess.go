package alerts

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The reasons for an unknown trend, in addition to those of the fit.
var (
	errStale      = errors.New("no sample")
	errNoLimit    = errors.New("the maximum for fraction_of_max is not known")
	errNoMedian   = errors.New("the median for multiple_of_median is not known")
	errZeroMedian = errors.New("the median is 0, and a multiple of it is no limit (add threshold to the rule)")
	errSettling   = errors.New("settling")
	errGone       = errors.New("it is not listed by Flink")
)

// tooFew is stat.ErrTooFew with the numbers. window is 0 while the window still fills.
type tooFew struct {
	have, need int
	window     time.Duration
}

func (e tooFew) Error() string {
	if e.window > 0 {
		return fmt.Sprintf("%d of %d samples in %s, and more do not fit (lengthen the window of the rule: rules[].window)",
			e.have, e.need, model.Duration(e.window))
	}
	return fmt.Sprintf("%d of %d samples so far", e.have, e.need)
}

func (tooFew) Unwrap() error { return stat.ErrTooFew }

// assess computes the trend as of now.
func (t *track) assess(now time.Time, b *buffer) {
	t.window.Trim(now)
	t.trend = snapshot.Trend{
		Rule: t.rule.Name, Signal: t.rule.Signal, Labels: t.labels, Unit: t.rule.Unit, Firing: t.trend.Firing,
		Below: t.rule.Below,
		Since: t.trend.Since,
	}
	if limit, ok := t.rule.limit(t.most, t.median()); ok {
		t.trend.Limit = &limit
	}
	t.verdict, t.trend.Unknown = t.judge(now, b)
}

func (t *track) judge(now time.Time, b *buffer) (verdict, error) {
	b.fill(t.window, t.rule.Stretch, now)
	t.trend.Samples = len(b.times)
	if !t.gone.IsZero() {
		return unknown, fmt.Errorf("%w since %s", errGone, clock(t.gone))
	}
	if now.Before(t.settled) {
		if level := t.early.V; !t.early.T.IsZero() && now.Sub(t.early.T) <= t.rule.Window/4 {
			t.trend.Level = &level
		}
		return unknown, fmt.Errorf("%w until %s", errSettling, clock(t.settled))
	}
	if err := t.measure(now, b); err != nil {
		return unknown, err
	}
	b.edge(t.window, t.rule.Stretch, now)
	t.trend.Samples = len(b.times)
	fit := t.fit(b)
	switch limit := t.trend.Limit; {
	case limit == nil:
		return unknown, t.noLimit()
	case t.trend.Level != nil && t.rule.beyond(*t.trend.Level, *limit):
		t.trend.Breach = &stat.Breach{}
		t.trend.Summary = t.summaryAbove()
		return above, nil
	case fit != nil:
		return t.withoutLine(), fit
	case t.trend.Breach == nil:
		return healthy, nil
	}
	t.trend.Summary = t.summary(*t.trend.Limit, *t.trend.Breach)
	sign := t.rule.sign()
	if t.rule.foresees(*t.trend.Breach) &&
		!t.season.knows(now, sign**t.trend.Level, sign**t.trend.Limit, sign, t.rule.Horizon) {
		return predicted, nil
	}
	return healthy, nil
}

// beyondHorizon is how late the line itself may pass the limit, as a multiple of the horizon. The
// earliest time alone is no evidence: the fewer samples tell about a slope, the earlier it is.
const beyondHorizon = 1.1

// foresees reports whether a breach is near enough to fire: its earliest time is within the horizon, and
// the time of the line itself not much later.
func (r *Rule) foresees(b stat.Breach) bool {
	return b.Low <= r.Horizon.Seconds() && b.Point <= beyondHorizon*r.Horizon.Seconds()
}

// noLimit says why no limit is known.
func (t *track) noLimit() error {
	switch {
	case t.rule.MultipleOfMedian == 0:
		return errNoLimit
	case t.median() != nil:
		return errZeroMedian
	}
	return errNoMedian
}

// withoutLine is the verdict on a level below the limit without a line: the end of an alert that
// the level raised, and nothing about one that a line raised.
func (t *track) withoutLine() verdict {
	if t.held == above && t.trend.Level != nil && !t.trend.AtLeast {
		return healthy
	}
	return unknown
}

// measure sets the level: the value that was measured last, or its lower bound. It is
// unknown if the last measurement is older than a quarter of the window.
func (t *track) measure(now time.Time, b *buffer) error {
	last, ok := t.window.Last()
	if t.bound.T.After(last.T) {
		last.T = t.bound.T
	}
	switch {
	case !ok && t.bound.T.IsZero():
		return fmt.Errorf("%w since %s", errStale, clock(t.offered))
	case now.Sub(last.T) > t.rule.Window/4:
		return fmt.Errorf("%w since %s", errStale, clock(last.T))
	}
	var level float64
	known := len(b.values) > 0
	if known {
		level = b.values[len(b.values)-1]
	}
	if !t.bound.T.IsZero() && (!known || t.bound.V > level) {
		level, known, t.trend.AtLeast = t.bound.V, true, true
	}
	if math.IsInf(level, 0) {
		return stat.ErrNotFinite
	}
	if known {
		t.trend.Level = &level
	}
	return nil
}

// fit sets what the line says: its slope, if that is significant, and when it passes the
// limit. The error says why there is no line.
func (t *track) fit(b *buffer) error {
	if t.rule.LevelOnly {
		return nil
	}
	if len(b.times) < t.rule.MinSamples {
		return t.tooFew(b)
	}
	sign := t.rule.sign()
	if sign != 1 || t.rule.row.Bent { // most signals are as they are
		for i := range b.values {
			b.values[i] = sign * t.rule.row.Straight(b.values[i]) // mirrored, so that a fall is a rise
		}
	}
	line := stat.FitLine(b.times, b.values)
	if math.IsNaN(line.Slope) {
		return line.Warnings[0]
	}
	if line.Significant(significance) {
		slope := t.rule.row.Slope(sign*line.Slope, *t.trend.Level)
		t.trend.Slope = &slope
		t.trend.Ahead = t.ahead(line)
	}
	low := line.SlopeLow(significance)
	if low <= 0 {
		return nil
	}
	edge := t.rule.row.Slope(sign*low, *t.trend.Level)
	t.trend.SlopeLow = &edge
	if limit := t.trend.Limit; limit != nil {
		goal, level := t.rule.row.Straight(*limit), t.rule.row.Straight(*t.trend.Level)
		if breach, ok := line.TimeToBreach(sign*goal, significance); ok {
			t.trend.Breach = ahead(breach, line.Slope, sign*(goal-level))
		}
	}
	return nil
}

// ahead is where the mirrored line expects the signal at the horizon.
func (t *track) ahead(line stat.Line) *snapshot.Ahead {
	band, ok := line.At(t.rule.Horizon.Seconds(), significance)
	if !ok {
		return nil
	}
	if t.rule.Below {
		band = stat.Band{Low: -band.High, Point: -band.Point, High: -band.Low}
	}
	possible := func(straight float64) float64 {
		v := max(t.rule.row.Bend(straight), t.rule.row.Lowest())
		switch {
		case t.rule.row.Share():
			v = min(v, 1)
		case t.most != nil:
			v = min(v, *t.most)
		}
		return v
	}
	return &snapshot.Ahead{
		In: t.rule.Horizon, Low: possible(band.Low), Value: possible(band.Point), High: possible(band.High),
	}
}

// tooFew says whether more samples will come: a window that is nearly full has all it can hold.
func (t *track) tooFew(b *buffer) error {
	e := tooFew{have: len(b.times), need: t.rule.MinSamples}
	if len(b.times) > 0 && b.times[0] < -0.75*t.rule.Window.Seconds() {
		e.window = t.rule.Window
	}
	return e
}

// ahead is the breach of a signal that is still distance below its limit. Where the line is
// above the limit already, the line through the last measured value counts.
func ahead(b stat.Breach, slope, distance float64) *stat.Breach {
	if b.Point == 0 && distance > 0 {
		b.Point = distance / slope
		b.High = max(b.High, b.Point)
	}
	return &b
}

// decide sets the state from everything else. It is the only place that does.
func (t *track) decide(keep time.Duration) {
	trend := &t.trend
	trend.State, trend.Until = snapshot.TrendSteady, time.Time{}
	switch {
	case trend.Firing && !t.calm.IsZero():
		trend.State, trend.Until = snapshot.TrendEnding, t.calm.Add(keep)
	case trend.Firing && !t.gone.IsZero():
		trend.State, trend.Until = snapshot.TrendEnding, t.gone.Add(keep)
	case trend.Firing:
		trend.State = snapshot.TrendFiring
	case errors.Is(trend.Unknown, errSettling):
		trend.State, trend.Until = snapshot.TrendSettling, t.settled
	case trend.Unknown != nil:
		trend.State = snapshot.TrendUnknown
	case t.verdict == above:
		trend.State, trend.Until = snapshot.TrendAbove, t.pending.Add(t.rule.For)
	case t.verdict == predicted:
		trend.State, trend.Until = snapshot.TrendPredicted, t.pending.Add(t.rule.For)
	case trend.Breach != nil:
		trend.State = snapshot.TrendRising
	case trend.Slope != nil && *trend.Slope < 0 && !t.rule.Below:
		trend.State = snapshot.TrendFalling
	}
}

// clock is a time of day in a reason.
func clock(t time.Time) string { return t.UTC().Format("15:04 UTC") }

// fill copies the window's samples, or the lowest of each stretch of a saw-tooth, with times in
// seconds before now.
func (b *buffer) fill(w *series.Window, stretch time.Duration, now time.Time) {
	b.times, b.values = b.times[:0], b.values[:0]
	if stretch == 0 {
		b.times, b.values = w.AppendSeconds(now, b.times, b.values)
		return
	}
	b.add(series.Minima(w.Samples(), stretch, now), now)
}

// valleyReach is how far a valley reaches to each side, as a part of a stretch.
const valleyReach = 20

// edge replaces the lowest samples of the stretches of a saw-tooth by its valleys, if these are more.
// The level is the lowest of a stretch, but a line through a dozen points is never certain: they cannot
// tell a trend from noise that wanders.
func (b *buffer) edge(w *series.Window, stretch time.Duration, now time.Time) {
	if stretch == 0 {
		return
	}
	if valleys := series.Valleys(w.Samples(), stretch/valleyReach); len(valleys) > len(b.times) {
		b.times, b.values = b.times[:0], b.values[:0]
		b.add(valleys, now)
	}
}

func (b *buffer) add(samples []series.Sample, now time.Time) {
	for _, s := range samples {
		b.times = append(b.times, s.T.Sub(now).Seconds())
		b.values = append(b.values, s.V)
	}
}
