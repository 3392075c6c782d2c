package web

import (
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// episodesListed is how many episodes one page of the list has.
const episodesListed = 50

// declinedListed is how many declined alerts the list of episodes shows.
const declinedListed = 20

// episodeTable is a part of the history.
type episodeTable struct {
	frame
	Rows []episodeRow
	// Older is the id to pass as before for the following episodes; empty at the end.
	Older string
}

// episodeRow is an episode in a line.
type episodeRow struct {
	episode.Episode
	Outcome string
}

// Rule is the rule of the alert, in words, and Others how many further alerts have this
// episode.
func (r episodeRow) Rule() string { return r.Alert.RuleInWords() }

// Others is the number of further alerts of the episode; 0 for none.
func (r episodeRow) Others() int { return len(r.Triggers) }

// By is the source of the alert, in words.
func (r episodeRow) By() string {
	if r.Alert.Source == episode.FromEpoch {
		return "seen in Flink"
	}
	return "by " + raisedBy(r.Alert.Source)
}

// raisedBy writes a source for a person.
func raisedBy(source episode.Source) string {
	switch source {
	case episode.FromTrend:
		return "trend"
	case episode.FromTrouble:
		return "sidecar"
	case episode.FromAlertmanager:
		return "Alertmanager"
	case episode.FromCLI:
		return "CLI"
	case episode.FromEpoch:
		return "a change seen in Flink"
	case episode.FromAPI:
		return "API"
	}
	return string(source)
}

// mood is the style of a state, like a traffic light.
func mood(state episode.State) string {
	switch state {
	case episode.Done:
		return "good"
	case episode.Failed:
		return "bad"
	}
	return "busy"
}

// episodes returns up to limit episodes that are older than the one with the id
// before, unless that is empty.
func (h *Handler) episodes(f frame, before string, limit int) (episodeTable, error) {
	found, err := h.history.Episodes(episode.JobRef{}, before, limit+1)
	table := episodeTable{frame: frame{Several: f.Several, now: f.now}}
	for i, e := range found {
		if i == limit {
			table.Older = found[limit-1].ID
			break
		}
		table.Rows = append(table.Rows, episodeRow{e, outcome(e)})
	}
	return table, err
}

// listView is the page at /episodes.
type listView struct {
	frame
	Episodes episodeTable
	// Declined are the newest alerts that opened no episode, on the first page only.
	Declined []episode.Declined
	Notices  []notice
	// Paged is true if the list does not begin with the newest episode.
	Paged bool
}

func (h *Handler) listView(before string) listView {
	status := h.status()
	v := listView{
		frame: frame{Title: "Episodes", Final: before != "", Several: several(status), now: status.At},
		Paged: before != "",
	}
	var err error
	if v.Episodes, err = h.episodes(v.frame, before, episodesListed); err != nil {
		v.Notices = []notice{{What: "History cannot be read", Text: err.Error()}}
	}
	if v.Paged || err != nil {
		return v
	}
	if v.Declined, err = h.alerts.Declined(episode.JobRef{}, "", declinedListed); err != nil {
		v.Notices = []notice{{What: "Declined alerts cannot be read", Text: err.Error()}}
	}
	return v
}
