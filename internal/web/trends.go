package web

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// trendView is a trend with its numbers written out.
type trendView struct {
	api.Trend
	// Of is the source of the signal: job, vertex and process, as far as they apply.
	Of string
	// Word is the state in words, Look its style.
	Word, Look string
	// Level and Limit are amounts; Pace is how fast the level moves.
	Level, Limit, Pace string
	// Share is the level as a share of the limit, between 0 and 1; nil is unknown.
	Share *float64
	// When is the time until the limit is passed.
	When string
	// Later is where the signal is expected at the horizon; empty without a slope.
	Later string
}

// trends returns the trends, the most pressing first.
func trends(s api.Status) []trendView {
	names := vertexNames(s.Jobs)
	var out []trendView
	for _, t := range s.Trends {
		out = append(out, trendView{
			Trend: t, Of: strings.Join(present(cluster(s, t.Cluster), t.Job, nameOf(names, t.Vertex), t.Process),
				", "),
			Level: level(t), Limit: amount(t.Unit, t.Limit), Pace: pace(t),
			Share: wayTo(t),
			When:  when(t), Later: later(t),
		})
		out[len(out)-1].Word, out[len(out)-1].Look = stateWords(t.State)
		if t.Below && snapshot.TrendState(t.State) == snapshot.TrendAbove {
			out[len(out)-1].Word = "below the limit"
		}
	}
	slices.SortStableFunc(out, func(a, b trendView) int {
		return cmp.Or(cmp.Compare(rank(a.Trend), rank(b.Trend)), cmp.Compare(pointOf(a.Breach), pointOf(b.Breach)))
	})
	return out
}

// cluster is the name of a cluster where there is more than one.
func cluster(s api.Status, name string) string {
	if several(s) {
		return name
	}
	return ""
}

// stateWords is a state of a trend for a person, and the style of it.
func stateWords(state string) (word, look string) {
	switch snapshot.TrendState(state) {
	case snapshot.TrendFiring, snapshot.TrendEnding:
		return "firing", "state bad"
	case snapshot.TrendAbove:
		return "above the limit", "state bad"
	case snapshot.TrendPredicted:
		return "limit in sight", "state busy"
	case snapshot.TrendSettling:
		return "settling", unknown
	case snapshot.TrendUnknown, "":
		return unknown, unknown
	}
	return state, "state"
}

// rank puts firing trends first, then the others by how pressing they are, and unknown ones
// last.
func rank(t api.Trend) int {
	at := slices.Index(snapshot.TrendStates(), snapshot.TrendState(t.State))
	return len(snapshot.TrendStates()) - at
}

// when says when a trend passes its limit, as its state and its breach have it.
func when(t api.Trend) string {
	switch state := snapshot.TrendState(t.State); {
	case t.Unknown != "" || state == "":
		return unknown
	case t.Breach != nil:
		return breachIn(t.Breach)
	case state == snapshot.TrendEnding:
		return "no longer expected"
	}
	return "not expected"
}

// later is the value that is expected at the horizon, with its interval.
func later(t api.Trend) string {
	h := t.Ahead
	if h == nil {
		return ""
	}
	return fmt.Sprintf("%s in %s (%s to %s)", amount(t.Unit, &h.Value), seconds(h.InSeconds), amount(t.Unit, &h.Low),
		amount(t.Unit, &h.High))
}

// level is the measured value, or what it is at least.
func level(t api.Trend) string {
	text := amount(t.Unit, t.Level)
	if t.AtLeast && text != unknown {
		return "at least " + text
	}
	return text
}

func pointOf(b *api.Breach) float64 {
	if b == nil {
		return math.Inf(1)
	}
	return b.PointSeconds
}

// present returns the texts that are not empty.
func present(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

func vertexNames(jobs []api.Job) map[string]string {
	names := map[string]string{}
	for _, job := range jobs {
		for _, v := range job.Vertices {
			names[v.ID] = v.Name
		}
	}
	return names
}

// nameOf is a vertex's name or, if that is not known, its id.
func nameOf(names map[string]string, id string) string { return cmp.Or(names[id], id) }

// amount writes a value in its unit.
func amount(unit string, v *float64) string {
	switch {
	case v == nil:
		return unknown
	case unit == "seconds":
		return seconds(*v)
	case unit == "bytes":
		return bytesOf(*v)
	case unit == "bytes/s" && bytesOf(*v) != unknown:
		return bytesOf(*v) + "/s"
	case number(*v) == unknown:
		return unknown
	case unit == "ratio":
		return ratio(*v)
	case unit == "count":
		return number(*v)
	}
	return strings.TrimSpace(number(*v) + " " + unit)
}

// pace is how much a level changes in a minute; empty if that is not significant.
func pace(t api.Trend) string {
	if t.SlopePerSecond == nil {
		return ""
	}
	perMinute := *t.SlopePerSecond * 60
	size := amount(t.Unit, new(math.Abs(perMinute)))
	switch {
	case size == unknown || strings.HasPrefix(size, "0 "):
		return ""
	case perMinute < 0:
		return "falls by " + size + "/min"
	}
	return "grows by " + size + "/min"
}

// wayTo is how much of the way to its limit a signal has gone; nil is unknown.
func wayTo(t api.Trend) *float64 {
	if t.Below {
		return shareOf(t.Limit, t.Level)
	}
	return shareOf(t.Level, t.Limit)
}

func shareOf(level, limit *float64) *float64 {
	if level == nil || limit == nil || !(*limit > 0) || math.IsNaN(*level) {
		return nil
	}
	return new(min(max(*level / *limit, 0), 1))
}

// breachIn writes when a limit is passed, followed by the interval: "in 7 min (5–12)".
// All three have the unit of the first.
func breachIn(b *api.Breach) string {
	if b.PointSeconds <= 0 {
		return "passed"
	}
	name, in := "s", 1.0
	switch {
	case b.PointSeconds >= 2*86400:
		name, in = "d", 86400
	case b.PointSeconds >= 100*60:
		name, in = "h", 3600
	case b.PointSeconds >= 100:
		name, in = "min", 60
	}
	high := " or later"
	if b.HighSeconds != nil {
		high = "–" + digits(*b.HighSeconds/in)
	}
	return fmt.Sprintf("in %s %s (%s%s)", digits(b.PointSeconds/in), name, digits(b.LowSeconds/in), high)
}
