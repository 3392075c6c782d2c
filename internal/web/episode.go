package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// How much of an episode is shown. Stored texts are bounded by their writers, but an
// episode may also come from the API.
const (
	findingsShown = 20
	evidenceShown = 200
	linesShown    = 50 // of notes, observations, warnings and dropped claims
	profilesShown = 8
	framesFirst   = 8 // of a profile; the others are in a closed list
	framesShown   = 40
)

// episodeView is the page of one episode.
type episodeView struct {
	frame
	episode.Episode
	Facts    []fact
	Notices  []notice
	Timeline []event
	// Asked is true if the episode is for advice, so that missing advice is reported.
	Asked bool
	// Verdict replaces missing findings, or says how final they are.
	Verdict  string
	Findings []findingView
	// Others is the evidence that no finding cites.
	Others       []evidenceView
	Rejected     []episode.Rejection
	Observations []string
	Warnings     []string
	Profiles     []profileView
	Accounts     []accountView
}

// fact is a value with its name.
type fact struct{ Name, Value string }

// Mood is the style of the state.
func (v episodeView) Mood() string { return mood(v.State) }

func (h *Handler) episodeView(e episode.Episode) episodeView {
	status := h.status()
	v := episodeView{
		frame:   frame{Title: line(headlineOf(e)), Root: "../", Final: e.State.Final(), now: status.At},
		Episode: e,
		Facts:   factsOf(e, vertexNames(status.Jobs), status.At), Notices: episodeNotices(e), Timeline: timeline(e),
		Asked: e.Advice != nil || e.Target != nil, Verdict: verdict(e),
	}
	for _, p := range first(profilesShown, e.Profiles) {
		v.Profiles = append(v.Profiles, newProfileView(p))
	}
	if e.Advice != nil {
		v.advise(*e.Advice)
		for i, f := range v.Findings {
			if mark, ok := e.MarkOf(f.ID); ok {
				v.Findings[i].Mark = &mark
			}
			if o, ok := e.OutcomeOf(f.ID); ok {
				v.Findings[i].Outcome = &outcomeView{o}
			}
		}
	}
	if e.Measurement != nil {
		v.Accounts = accounts(e.Measurement.Accounts)
	}
	return v
}

func (v *episodeView) advise(a episode.Advice) {
	v.Findings, v.Others = cited(a)
	v.Rejected, v.Observations, v.Warnings = first(linesShown, a.Rejected), first(linesShown, a.Observations),
		first(linesShown, a.Warnings)
}

func first[T any](n int, list []T) []T { return list[:min(n, len(list))] }

// headlineOf is the reason for an episode, in a sentence.
func headlineOf(e episode.Episode) string {
	switch {
	case e.Alert.Summary != "":
		return e.Alert.Summary
	case e.Alert.Rule == episode.RuleAsked && e.Alert.Job != "":
		return "profile of " + e.Alert.Job + " requested"
	case e.Alert.Rule == episode.RuleAsked:
		return "profile requested"
	}
	return e.Alert.RuleInWords()
}

// factsOf leaves out what an episode does not have.
func factsOf(e episode.Episode, names map[string]string, now time.Time) []fact {
	took := ""
	switch {
	case !e.Finished.IsZero():
		took = seconds(e.Finished.Sub(e.Opened).Seconds())
	case now.After(e.Opened):
		took = seconds(now.Sub(e.Opened).Seconds()) + " so far"
	}
	var out []fact
	for _, f := range []fact{
		{"Rule", e.Alert.RuleInWords()},
		{"Further alerts", further(e.Triggers)},
		{"Raised by", raisedBy(e.Alert.Source)},
		{"Job", e.Alert.Job},
		{"Vertex", nameOf(names, e.Alert.Vertex)},
		{"Process", e.Alert.Process},
		{"Cluster", e.Alert.Cluster},
		{"Opened", moment(e.Opened)},
		{"Took", took},
		{"Alert ended", moment(e.Alert.ResolvedAt)},
		{"Announced to", announcedTo(e.Announcements)},
	} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// further lists the alerts that came after the one that opened the episode.
func further(triggers []episode.Alert) string {
	var out []string
	for _, a := range first(linesShown, triggers) {
		text := a.RuleInWords() + " (" + raisedBy(a.Source)
		if !a.ResolvedAt.IsZero() {
			text += ", ended " + clock(a.ResolvedAt)
		}
		out = append(out, text+")")
	}
	return strings.Join(out, ", ")
}

// moment writes a time to the second; the zero time is empty.
func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04:05 UTC")
}

// announcedTo lists the announcements of an episode, with their ids.
func announcedTo(announcements []episode.Announcement) string {
	var out []string
	for _, a := range first(linesShown, announcements) {
		switch {
		case a.Error != "":
		case a.ID != "":
			out = append(out, fmt.Sprintf("%s, as %s", a.Where, a.ID))
		default:
			out = append(out, a.Where)
		}
	}
	return strings.Join(out, "; ")
}

// episodeNotices are the failures of an episode and what it waits for.
func episodeNotices(e episode.Episode) []notice {
	var out []notice
	if e.Error != "" {
		out = append(out, notice{What: "It failed", Text: e.Error})
	}
	for _, a := range e.Announcements {
		if a.Error != "" {
			out = append(out, notice{What: "It was not announced to " + a.Where, Text: a.Error})
		}
	}
	if e.Waiting != "" {
		out = append(out, notice{What: "Waiting for Grafana", Text: e.Waiting, Mild: true})
	}
	for _, note := range first(linesShown, e.Notes) {
		out = append(out, notice{What: "Note", Text: note, Mild: true})
	}
	return out
}

// verdict is a sentence about the findings as a whole; empty where they speak for
// themselves.
func verdict(e episode.Episode) string {
	switch {
	case e.State == episode.Failed && e.Advice == nil:
		return "No advice: the episode failed before this step."
	case e.Advice == nil && e.State.Final():
		return "No advice."
	case e.Advice == nil:
		return "No advice yet."
	case !api.Concluded(e) && len(e.Advice.Findings) > 0:
		return "Findings of the rules only; the LLM may add more."
	case !api.Concluded(e):
		return "The rules have no significant finding; the LLM may add some."
	case len(e.Advice.Findings) == 0 && len(e.Profiles) == 0:
		return "No finding. No profile was taken, so the code was not judged; below is what was observed."
	case len(e.Advice.Findings) == 0:
		return e.Advice.NoFinding()
	case len(e.Advice.Findings) > findingsShown:
		return fmt.Sprintf("The first %d of %d findings.", findingsShown, len(e.Advice.Findings))
	}
	return ""
}
