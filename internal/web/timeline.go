package web

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// event is one entry of an episode's timeline.
type event struct {
	// At is zero for the present step.
	At time.Time
	// Since is the time after the opening, with its sign.
	Since string
	What  string
	Bad   bool
}

// timeline lists an episode's steps in the order of their times. A step without a time
// was not done, or not yet.
func timeline(e episode.Episode) []event {
	var out []event
	add := func(at time.Time, bad bool, format string, args ...any) {
		if !at.IsZero() {
			out = append(out, event{
				At: at, Since: since(at.Sub(e.Opened)), What: fmt.Sprintf(format, args...),
				Bad: bad,
			})
		}
	}
	if e.Opened.Sub(e.Alert.StartsAt) >= time.Second {
		add(e.Alert.StartsAt, false, "The alert began")
	}
	add(e.Opened, false, "Episode opened")
	for _, a := range first(linesShown, e.Triggers) {
		add(a.StartsAt, false, "Further alert: %s", a.RuleInWords())
	}
	for _, p := range first(profilesShown, e.Profiles) {
		add(p.Taken, false, "%s profile of %s, %s", p.Mode, subject(p), length(p.Duration.Seconds()))
	}
	if m := e.Measurement; m != nil && !m.Ended.Before(e.Opened) {
		add(m.Ended, false, "Measured")
	}
	if e.Advice != nil {
		add(e.Concluded, false, "Advice complete: %s", plural(len(e.Advice.Findings), "finding"))
	}
	for _, a := range first(linesShown, e.Announcements) {
		told(a, add)
	}
	if e.State == episode.Failed {
		add(e.Finished, true, "Failed")
	} else {
		add(e.Finished, false, "Done")
	}
	slices.SortStableFunc(out, func(a, b event) int { return a.At.Compare(b.At) })
	if !e.State.Final() {
		out = append(out, event{What: underWay(e)})
	}
	return out
}

func told(a episode.Announcement, add func(time.Time, bool, string, ...any)) {
	switch {
	case a.Error != "":
		add(a.At, true, "Not announced to %s", a.Where)
	case a.ID != "":
		add(a.At, false, "Announced to %s, as %s", a.Where, a.ID)
	default:
		add(a.At, false, "Announced to %s", a.Where)
	}
}

// underWay is the present step of an unfinished episode.
func underWay(e episode.Episode) string {
	switch {
	case e.Waiting != "":
		return "waiting for Grafana"
	case e.State == episode.Announcing:
		return "being announced"
	case e.State == episode.Advising:
		return "advising"
	}
	return progress(e)
}

// since writes a distance in time with its sign.
func since(d time.Duration) string {
	switch {
	case d > -time.Second && d < time.Second:
		return "0 s"
	case d < 0:
		return "−" + length(-d.Seconds())
	}
	return "+" + length(d.Seconds())
}
