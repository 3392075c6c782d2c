package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// allStages is the time after stack ready within which every stage must have done its
// work.
const allStages = 6 * time.Minute

// progress is the state of a stage of the loop.
type progress struct {
	found   string
	missing []string // what is wrong for good
	pending string   // what it waits for; empty when it has nothing to wait for
	never   bool     // what it waits for will not happen on this stack
}

// loop are the stages that an alert starts, one after the other.
func (e evidence) loop() []Stage {
	return []Stage{
		e.place("trend", e.trend()),
		e.place("profile", e.profile()),
		e.place("advice", e.advice()),
		e.place("annotation", e.annotation()),
	}
}

// place makes a stage of a progress. A pending stage counts as failed when its time is
// over.
func (e evidence) place(name string, p progress) Stage {
	switch {
	case len(p.missing) > 0:
		return Stage{name, DidNot, strings.Join(p.missing, "; ")}
	case p.pending == "":
		return Stage{name, Did, p.found}
	case e.at.Sub(e.ready) < allStages || p.never:
		return Stage{name, NotReached, p.pending}
	default:
		return Stage{name, DidNot, p.pending}
	}
}

// trend: a rule fired, and is on the page of metrics.
func (e evidence) trend() progress {
	var fired []string
	for _, ep := range e.alerts() {
		if ep.Alert.Source != episode.FromTrend {
			continue
		}
		if len(e.reading.series("flink_sidecar_trend_firing", labels{"rule": ep.Alert.Rule})) == 0 {
			return progress{missing: []string{ep.Alert.Rule + " fired, but is not among the metrics"}}
		}
		fired = append(fired, fmt.Sprintf("%s fired %s after stack ready: %s", ep.Alert.Rule,
			clock(e.ready, ep.Alert.StartsAt), ep.Alert.Summary))
	}
	if len(fired) == 0 {
		return progress{pending: e.noTrend(), never: !e.expected.growing}
	}
	return progress{found: strings.Join(fired, "; ")}
}

// noTrend says how far the trends are from an alert.
func (e evidence) noTrend() string {
	switch {
	case !slices.Contains(e.expected.planted, "state"):
		return "no rule fired; the job's state does not grow (--fixed=state)"
	case !e.expected.growing:
		return fmt.Sprintf("no rule fired; the job's state grows too slowly (it takes a load of %d/s)", leastLoad)
	}
	for _, trend := range e.status.Trends {
		switch {
		case trend.Rule != rampRule || trend.Job != jobName:
		case trend.Unknown != "":
			return fmt.Sprintf("no rule fired; %s: %s (%d samples)", trend.Rule, trend.Unknown, trend.Samples)
		case trend.Breach != nil:
			return fmt.Sprintf("no rule fired; %s would pass its limit in %s", trend.Rule,
				span(trend.Breach.PointSeconds))
		default:
			return fmt.Sprintf("no rule fired; %s expects no breach (%d samples)", trend.Rule, trend.Samples)
		}
	}
	return "no rule fired; there is no trend of rule " + rampRule + " yet"
}

// waiting is the progress of a stage before there was an alert.
func (e evidence) waiting() progress {
	return progress{pending: "no alert so far", never: !e.expected.growing}
}

// profile: the most relevant process was profiled, and the profile has samples.
func (e evidence) profile() progress {
	ep, ok := e.lead()
	switch {
	case !ok:
		return e.waiting()
	case len(taken(ep)) > 0:
		return profiled(ep)
	case !e.expected.profiling:
		return progress{pending: "Flink's profiler is off (--profiling)", never: true}
	case ep.State == episode.Opened || ep.State == episode.Profiling:
		return progress{pending: fmt.Sprintf("episode %s is %s", ep.ID, ep.State)}
	default:
		return progress{missing: []string{"no profile was taken: " + reason(ep)}}
	}
}

func profiled(ep episode.Episode) progress {
	var described, missing []string
	for _, p := range taken(ep) {
		if p.Samples == 0 {
			missing = append(missing, fmt.Sprintf("the %s profile of %s has no samples", p.Mode, p.Process))
		}
	}
	for _, p := range taken(ep) {
		described = append(described, describe(p))
	}
	if text, _, ok := threads(ep); ok {
		described = append(described, text)
	}
	found := strings.Join(described, "; ")
	if ep.Target != nil && ep.Target.Why != "" {
		found += " (" + ep.Target.Why + ")"
	}
	return progress{found: found, missing: missing}
}

// describe is a profile of a process in short.
func describe(p episode.Profile) string {
	return fmt.Sprintf("%s of %s for %s, %d samples", p.Mode, p.Process, span(p.Duration.Seconds()), p.Samples)
}

// threads summarizes Flink's own samples of vertices and says when they began.
func threads(ep episode.Episode) (text string, at time.Time, ok bool) {
	var samples int64
	var of []string
	for _, p := range ep.Profiles {
		if p.Process != "" {
			continue
		}
		if !ok || p.Taken.Before(at) {
			at = p.Taken
		}
		samples, ok = samples+p.Samples, true
		of = append(of, cmp.Or(p.VertexName, p.Vertex))
	}
	return fmt.Sprintf("%d thread samples of %s", samples, strings.Join(of, ", ")), at, ok
}

// reason is an episode's reason for a missing result.
func reason(ep episode.Episode) string {
	said := append(slices.Clone(ep.Notes), ep.Error)
	said = slices.DeleteFunc(said, func(text string) bool { return text == "" })
	if len(said) == 0 {
		return "the episode does not say why"
	}
	return strings.Join(said, "; ")
}

// planting is the expected category for each fault that shows in a profile.
var planting = map[string]string{
	"kryo":   "generic-serialization",
	"bulk":   "sink-batching",
	"lookup": "blocking-io",
}

// advice: findings, among them every planted fault that shows in a profile. One alert
// need not find them all: it sees only what limits the job at that time.
func (e evidence) advice() progress {
	ep, ok := e.lead()
	switch {
	case !ok:
		return e.waiting()
	case ep.Advice == nil && ep.State.Final():
		return progress{missing: []string{"no advice: " + reason(ep)}}
	case ep.Advice == nil:
		return progress{pending: fmt.Sprintf("episode %s is %s", ep.ID, ep.State)}
	}
	found := e.categories()
	var named, missing []string
	for _, fault := range e.expected.planted {
		category, shows := planting[fault]
		switch {
		case !shows:
		case found[category]:
			named = append(named, category)
		case e.expected.profiling:
			missing = append(missing, fmt.Sprintf("no finding of the planted fault %s (%s)", category, fault))
		}
	}
	text := headline(*ep.Advice)
	if len(named) > 0 {
		text += "; found as planted: " + strings.Join(named, ", ")
	}
	return progress{found: text, missing: missing}
}

// categories are those of all findings.
func (t turns) categories() map[string]bool {
	found := map[string]bool{}
	for _, ep := range t.alerts() {
		if ep.Advice == nil {
			continue
		}
		for _, finding := range ep.Advice.Findings {
			found[finding.Category] = true
		}
	}
	return found
}

// headline is the number of findings and the first one.
func headline(advice episode.Advice) string {
	switch n := len(advice.Findings); n {
	case 0:
		return "no findings"
	case 1:
		return "1 finding: " + titled(advice.Findings[0])
	default:
		return fmt.Sprintf("%d findings, first %s", n, titled(advice.Findings[0]))
	}
}

// titled is a finding's title with its gain.
func titled(f episode.Finding) string {
	switch {
	case f.Impact == nil:
		return f.Title
	case f.Impact.HighPercent < 1:
		return f.Title + " (below +1 %)"
	default:
		return fmt.Sprintf("%s (+%.0f to %.0f %%)", f.Title, f.Impact.LowPercent, f.Impact.HighPercent)
	}
}
