package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// trendNotices is how many firing trends have a notice of their own: with a hundred
// TaskManagers one cause fires a hundred times.
const trendNotices = 4

// notice is something that a person should know first.
type notice struct {
	What, Text string
	// Episode is the id of the episode that was opened for it, or of an Earlier one that
	// keeps another from being opened; empty if there is none.
	Episode string
	Earlier bool
	// Mild is true for what a person chose, or what passes by itself.
	Mild bool
	// Since is when a trouble began; zero for any other notice. Do says what to do about it.
	Since time.Time
	Do    string
}

// notices collects what needs attention, most serious first. recent are the newest
// episodes, declined the newest alerts that opened none.
func notices(s api.Status, recent []episodeRow, declined []episode.Declined) []notice {
	return slices.Concat(troubles(s, recent), warnings(s), down(s), firing(s, recent, declined), doubts(s), paused(s.Loop),
		remembered(s.History))
}

// warnings are what is wrong with the sidecar itself.
func warnings(s api.Status) []notice {
	var out []notice
	for _, w := range s.Warnings {
		out = append(out, notice{What: w.What, Text: w.Text})
	}
	return out
}

// down names the servers that do not answer, and what waits for them.
func down(s api.Status) []notice {
	var out []notice
	for _, t := range s.Targets {
		if t.Up == nil || *t.Up || isTrouble(s, t) {
			continue
		}
		text := waitingFor(t.Name, strings.TrimPrefix(strings.Join(t.Problems, "; "), t.Name+": "), s.Loop)
		what := t.Name
		if of := cluster(s, t.Cluster); of != "" {
			what += " of " + of
		}
		out = append(out, notice{What: what + " is down", Text: text})
	}
	return out
}

// waitingFor adds to the text of a target what waits for it.
func waitingFor(target, text string, l api.Loop) string {
	if n := l.Announcing; target == "grafana" && n > 0 {
		return strings.TrimPrefix(text+". "+waiting(n), ". ")
	}
	return text
}

func waiting(episodes int) string {
	if episodes == 1 {
		return "1 episode is complete and waits for Grafana; nothing is lost."
	}
	return fmt.Sprintf("%d episodes are complete and wait for Grafana; nothing is lost.", episodes)
}

func firing(s api.Status, recent []episodeRow, declined []episode.Declined) []notice {
	var out []notice
	for _, t := range s.Trends {
		if !t.Firing {
			continue
		}
		n := notice{What: t.Rule + " is firing", Text: reason(t)}
		if t.Job != "" {
			n.What = t.Job + ": " + n.What
		}
		if t.Process != "" {
			n.What += " on " + t.Process
		}
		if of := cluster(s, t.Cluster); of != "" {
			n.What = of + ": " + n.What
		}
		out = append(out, n.with(t, recent, declined))
	}
	if more := len(out) - trendNotices; more > 0 {
		out = append(out[:trendNotices],
			notice{What: fmt.Sprintf("%d more trends are firing", more), Text: "see below"})
	}
	return out
}

// reason is why a trend fires, or why it still does.
func reason(t api.Trend) string {
	switch {
	case snapshot.TrendState(t.State) == snapshot.TrendEnding:
		why := cmp.Or(t.Unknown, "it does not hold any more")
		return why + "; it ends at " + minute(t.Until) + " unless it returns"
	case t.Unknown != "":
		return t.Unknown + ", so it cannot end"
	}
	return t.Summary
}

// with adds the episode of this firing of a trend, or why there is none.
func (n notice) with(t api.Trend, recent []episodeRow, declined []episode.Declined) notice {
	own := func(e episodeRow) bool {
		return slices.ContainsFunc(append(slices.Clone(e.Triggers), e.Alert), func(a episode.Alert) bool {
			return isOf(a, t) && (!a.StartsAt.Before(t.Since) || !e.State.Final())
		})
	}
	if i := slices.IndexFunc(recent, own); i >= 0 {
		n.Episode = recent[i].ID
		return n
	}
	i := slices.IndexFunc(declined, func(d episode.Declined) bool {
		return !d.Until.IsZero() && isOf(d.Alert, t) && !d.Alert.StartsAt.Before(t.Since)
	})
	if i >= 0 {
		n.Text = strings.TrimPrefix(n.Text+". Cooldown until "+minute(declined[i].Until), ". ")
		n.Episode, n.Earlier = declined[i].Episode, true
	}
	return n
}

// isOf reports whether an alert is about the subject of a trend. The alert may know the job
// of a process, which the trend does not.
func isOf(a episode.Alert, t api.Trend) bool {
	return a.Rule == t.Rule && (t.Cluster == "" || a.Cluster == t.Cluster) && a.Process == t.Process &&
		(t.Job == "" || a.Job == t.Job)
}

func doubts(s api.Status) []notice {
	var out []notice
	for _, c := range s.Clusters {
		if !c.MetricsFrozen {
			continue
		}
		what := "Flink's metrics stand still"
		if of := cluster(s, c.Name); of != "" {
			what = of + ": " + what
		}
		out = append(out, notice{What: what, Text: "Flink answers, but its metric store takes no new values. This " +
			"may last ten minutes after a TaskManager died. Until then these values are unknown."})
	}
	if s.Probe != nil && s.Probe.Waiting != "" {
		out = append(out, notice{What: "The probe waits", Text: s.Probe.Waiting, Mild: true})
	}
	return out
}

// pausedMeans says what does not happen while a part is paused.
var pausedMeans = map[api.Part]string{
	api.PartProbe:     "no synthetic records are sent",
	api.PartProfiling: "no profiles are taken",
	api.PartLLM:       "the LLM gets no requests",
}

func paused(l api.Loop) []notice {
	var out []notice
	for _, part := range l.Paused {
		out = append(out, notice{
			What: fmt.Sprintf("%s is paused", part), Mild: true,
			Text: fmt.Sprintf("%s (sidecar resume %s)", pausedMeans[part], part),
		})
	}
	return out
}

func remembered(h api.History) []notice {
	var out []notice
	if h.Mode == api.ModeMemory {
		out = append(out, notice{What: "History is in memory and ends with this process", Text: h.Reason})
	}
	if h.SetAside != "" {
		out = append(out, notice{
			What: "A damaged history was set aside",
			Text: salvagedText(h.Salvaged) + "the old file is kept as " + h.SetAside,
		})
	}
	return out
}

// salvagedText says what a new history got of a damaged one.
func salvagedText(s *api.Salvaged) string {
	if s == nil || s.Saved == 0 {
		return "a new one was created; "
	}
	return fmt.Sprintf("%s entries of it are in a new one, %s more and %s could not be read (compare with a backup); ",
		whole(s.Saved), whole(s.Unreadable), plural(s.LostPages, "page"))
}
