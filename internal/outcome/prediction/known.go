package prediction

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Known is what the history knows of the findings of one job, in all of its episodes.
type Known struct {
	// Applied are the findings that a person marked as applied, in any order. Advised are all findings
	// that are not rejected.
	Applied, Advised []Applied
	// Outcomes say what came of findings, in any order.
	Outcomes []episode.Outcome
}

// Applied is a finding, and when a person marked it as applied.
type Applied struct {
	Episode, Finding, Category, Vertex string
	// Change is what the finding asks for.
	Change string
	// Opened is when its episode was opened, At the time of the mark; zero without one.
	Opened, At time.Time
}

// Add takes what an episode of the job knows.
func (k *Known) Add(ep episode.Episode) {
	k.Outcomes = append(k.Outcomes, ep.Outcomes...)
	if ep.Advice == nil {
		return
	}
	for _, f := range ep.Advice.Findings {
		mark, marked := ep.MarkOf(f.ID)
		if marked && mark.Decision == episode.Rejected {
			continue
		}
		k.Advised = append(k.Advised, appliedOf(ep, f, mark))
		if marked {
			k.Applied = append(k.Applied, appliedOf(ep, f, mark))
		}
	}
}

func appliedOf(ep episode.Episode, f episode.Finding, mark episode.Mark) Applied {
	return Applied{ep.ID, f.ID, f.Category, ep.Vertex(), f.Change, ep.Opened, mark.At}
}

// asksFor reports whether the finding asks for exactly the change of an epoch.
func (a Applied) asksFor(e episode.Epoch) bool {
	return changesExactly(e, episode.Finding{Category: a.Category, Change: a.Change})
}

// contests reports whether the change of epoch i is claimed by two: by the setting that it changes, which
// one finding asks for, and by a person, who says that another one was applied with it.
func (k Known) contests(epochs []episode.Epoch, i int, of episode.JobRef, one Applied) bool {
	if one.asksFor(epochs[i]) {
		return slices.ContainsFunc(k.Applied, func(a Applied) bool {
			return !one.same(a) && !a.asksFor(epochs[i]) && deployed(epochs, of, a.Opened, a.At) == i
		})
	}
	return slices.ContainsFunc(k.Advised, func(a Applied) bool {
		return !one.same(a) && a.asksFor(epochs[i]) && epochs[i].Began.After(a.Opened)
	})
}

// others reports whether another finding was applied at once with one.
func (k Known) others(epochs []episode.Epoch, of episode.JobRef, one Applied) bool {
	return slices.ContainsFunc(k.Applied, func(a Applied) bool { return !one.same(a) && atOnce(epochs, of, one, a) })
}

// same reports whether two marks are of one change: of the same finding, or of the same advice in two
// episodes.
func (a Applied) same(b Applied) bool {
	if a.Episode == b.Episode {
		return a.Finding == b.Finding
	}
	return a.Category == b.Category && a.Vertex == b.Vertex
}

// atOnce reports whether two findings of a job were applied at once: with the same epoch or, where one
// of them began no epoch, within [deployWithin].
func atOnce(epochs []episode.Epoch, of episode.JobRef, a, b Applied) bool {
	first, second := deployed(epochs, of, a.Opened, a.At), deployed(epochs, of, b.Opened, b.At)
	if first >= 0 && second >= 0 {
		return first == second
	}
	return between(a.At, b.At.Add(-deployWithin), b.At.Add(deployWithin))
}

// Earlier is an earlier use of a configuration. The zero value means that it is new.
type Earlier struct {
	// Until is when it ended.
	Until time.Time
	// Worse is true if it is known that the job could reach less with it than before.
	Worse bool
}

// String says what happened to the configuration; "" if it is new.
func (e Earlier) String() string {
	switch {
	case e.Until.IsZero():
		return ""
	case e.Worse:
		return "this configuration was reverted on " + e.Until.UTC().Format(time.DateOnly) + ", it was worse"
	}
	return "this configuration was in use before, until " + e.Until.UTC().Format(time.DateOnly)
}

// EarlierUse is the last earlier use of the configuration of epoch i that did badly or, without one,
// the last one. The newest epoch is first, and the outcomes are of findings of the job, in any order.
func EarlierUse(epochs []episode.Epoch, i int, outcomes []episode.Outcome) (found Earlier) {
	for j := i + 1; j < len(epochs); j++ {
		if epochs[j].Key != epochs[i].Key {
			continue
		}
		use := Earlier{Until: epochs[j-1].Began}
		use.Worse = slices.ContainsFunc(outcomes, func(o episode.Outcome) bool {
			return o.After == epochs[j].Key && o.Before != o.After && worse(o) &&
				!o.Changed.Before(epochs[j].Began) && o.Changed.Before(use.Until)
		})
		if use.Worse {
			return use
		}
		if found.Until.IsZero() {
			found = use
		}
	}
	return found
}

// worse reports whether less than before can be reached for sure.
func worse(o episode.Outcome) bool {
	return o.Result == episode.Opposite || o.High != nil && *o.High < 0
}
