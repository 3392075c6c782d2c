package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// annotation: there is exactly one for each announced episode, a region with a text; and
// none of an unknown episode.
func (e evidence) annotation() progress {
	if e.unread != nil {
		return progress{missing: []string{"the stand-in for Grafana does not answer: " + e.unread.Error()}}
	}
	missing := e.strays()
	var found []string
	for _, ep := range e.episodes {
		for _, told := range ep.Announcements {
			if ep.Alert.Source == episode.FromEpoch || told.Finding != "" {
				continue // a point, and it may stand for several
			}
			a, faults := e.verify(ep, told)
			missing = append(missing, faults...)
			found = append(found, fmt.Sprintf("annotation %d, %s after the alert: %s", a.ID,
				span(told.At.Sub(ep.Alert.StartsAt).Seconds()), a.first()))
		}
	}
	if len(missing) > 0 || len(found) > 0 {
		return progress{found: strings.Join(found, "; "), missing: missing}
	}
	ep, ok := e.lead()
	switch {
	case !ok:
		return e.waiting()
	case ep.State.Final():
		return progress{missing: []string{"episode " + ep.ID + " was not announced: " + reason(ep)}}
	case ep.Waiting != "":
		return progress{pending: fmt.Sprintf("episode %s is waiting: %s", ep.ID, ep.Waiting)}
	default:
		return progress{pending: fmt.Sprintf("episode %s is %s", ep.ID, ep.State)}
	}
}

// verify compares an announcement with its annotation.
func (e evidence) verify(ep episode.Episode, told episode.Announcement) (a annotation, faults []string) {
	if told.Error != "" {
		return a, []string{fmt.Sprintf("episode %s could not be announced: %s", ep.ID, told.Error)}
	}
	a, ok := e.told(ep)
	if !ok {
		return a, []string{fmt.Sprintf("episode %s was announced once and has %d annotations", ep.ID,
			len(e.annotationsOf(ep)))}
	}
	if id := strconv.FormatInt(a.ID, 10); id != told.ID {
		faults = append(faults, fmt.Sprintf("episode %s was announced as %s, but is annotation %s", ep.ID,
			told.ID, id))
	}
	if !a.region() {
		faults = append(faults, fmt.Sprintf("annotation %d is a moment, not a region", a.ID))
	}
	if a.first() == "" {
		faults = append(faults, fmt.Sprintf("annotation %d has no text", a.ID))
	}
	return a, faults
}

// strays are annotations of ours whose episode is not in history.
func (e evidence) strays() []string {
	var faults []string
	for _, a := range e.annotations {
		id := a.episode()
		if of, ok := episode.OfFinding(id); ok {
			id = of
		}
		known := slices.ContainsFunc(e.episodes, func(ep episode.Episode) bool { return ep.ID == id })
		if id != "" && !known {
			faults = append(faults, fmt.Sprintf("annotation %d belongs to episode %s, which is not in history",
				a.ID, id))
		}
	}
	return faults
}
