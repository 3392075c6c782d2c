package demo

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// event is something that happened, in one or several lines.
type event struct {
	at    time.Time
	about string // a stable key of the event
	text  string
	news  bool // printed at once while the demo runs
}

// story is what happened to the alerts, in order.
func (t turns) story() []event {
	var events []event
	for _, ep := range t.alerts() {
		events = append(events, t.chapter(ep)...)
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	return events
}

// chapter is the story of one alert.
func (t turns) chapter(ep episode.Episode) []event {
	events := []event{{
		ep.Alert.StartsAt, ep.ID + " alert",
		fmt.Sprintf("%s fires: %s", ep.Alert.Rule, ep.Alert.Summary), true,
	}}
	for _, p := range taken(ep) {
		text := "profile " + describe(p)
		if ep.Target != nil && ep.Target.Why != "" {
			text += ": " + ep.Target.Why
		}
		events = append(events, event{p.Taken, p.ID, text, false})
	}
	if text, at, ok := threads(ep); ok {
		events = append(events, event{at, ep.ID + " threads", text, false})
	}
	if ep.Advice != nil && !ep.Concluded.IsZero() {
		lines := []string{fmt.Sprintf("%d findings", len(ep.Advice.Findings))}
		for _, f := range ep.Advice.Findings {
			lines = append(lines, fmt.Sprintf("%d. %s", f.Rank, titled(f)))
		}
		events = append(events, event{ep.Concluded, ep.ID + " advice", strings.Join(lines, "\n"), false})
	}
	for _, told := range ep.Announcements {
		if a, ok := t.told(ep); ok && strconv.FormatInt(a.ID, 10) == told.ID {
			text := fmt.Sprintf("annotation %d covers %s: %s", a.ID, span(float64(a.TimeEnd-a.Time)/1000), a.first())
			events = append(events, event{told.At, ep.ID + " annotation", text, true})
		}
	}
	if ep.State.Final() {
		events = append(events, event{
			ep.Finished, ep.ID + " end",
			fmt.Sprintf("episode %s is %s: %s", ep.ID, ep.State, outcome(ep)), true,
		})
	}
	return events
}

// outcome summarizes a finished episode.
func outcome(ep episode.Episode) string {
	text := ep.Error
	if ep.Advice != nil {
		text = headline(*ep.Advice)
	}
	return strings.Join(append([]string{cmp.Or(text, "no advice")}, ep.Notes...), "; ")
}

// tell prints the story and the addresses for more.
func (e evidence) tell(out io.Writer, d *Demo) error {
	events := e.story()
	if len(events) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nStory, in minutes and seconds after stack ready:\n  00:00  the job runs, %s\n",
		planted(e.expected.planted))
	for _, event := range events {
		fmt.Fprintf(out, "  %s  %s\n", clock(e.ready, event.at), strings.ReplaceAll(event.text, "\n", "\n           "))
	}
	ep, _ := e.lead()
	_, err := fmt.Fprintf(out, `Read on, while the demo runs:
  %[1]s/episodes/%[2]s
  %[3]s/  (the annotations; %[4]s)
and afterwards:
  %[5]s advise --episode=%[2]s --history.path=%[6]s
  %[5]s history show %[2]s --history.path=%[6]s
`, d.url, ep.ID, d.stack.State().GrafanaURL, standin.Name, d.program, d.stack.Layout().In(historyFile))
	return err
}

func planted(faults []string) string {
	if len(faults) == 0 {
		return "without planted faults"
	}
	return "with these faults planted: " + strings.Join(faults, ", ")
}

// span writes a stretch of time with two or three digits.
func span(seconds float64) string {
	if seconds < 90 {
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.1f min", seconds/60)
}
