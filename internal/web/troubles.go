package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// The kinds of trouble that the page shows in other places too.
const (
	kindTaskManagerGone = "taskmanager-gone"
	kindTargetDown      = "target-down"
)

// bannersOfAKind is how many troubles of one kind have a banner of their own: one cause may
// hit a hundred jobs.
const bannersOfAKind = 4

// troubles are the banners at the top: what is wrong now, in the order of the status, the
// most severe first.
func troubles(s api.Status, recent []episodeRow) []notice {
	var out []notice
	shown, total := map[string]int{}, map[string]int{}
	for _, t := range s.Troubles {
		total[t.Kind]++
	}
	for _, t := range s.Troubles {
		if shown[t.Kind]++; shown[t.Kind] > bannersOfAKind {
			if shown[t.Kind] == total[t.Kind] {
				more := fmt.Sprintf("%d more of the kind %s", total[t.Kind]-bannersOfAKind, t.Kind)
				out = append(out, notice{What: more, Text: "see troubles in /api/v1/status"})
			}
			continue
		}
		n := notice{What: t.What, Text: sentence(waitingFor(t.Subject, t.Seen, s.Loop)), Do: sentence(t.Do), Since: t.Since}
		if of := cluster(s, t.Cluster); of != "" && t.Kind != kindTargetDown {
			n.What += " on " + of
		}
		i := slices.IndexFunc(recent, func(e episodeRow) bool {
			return e.Alert.Rule == t.Rule && e.Alert.Cluster == t.Cluster &&
				(e.Alert.Job == t.Job || t.Kind == kindTaskManagerGone) // it may have hit another job since
		})
		if i >= 0 {
			n.Episode, n.Earlier = recent[i].ID, !recent[i].Alert.ResolvedAt.IsZero() // that one was over before this began
		}
		out = append(out, n)
	}
	return out
}

// sentence is a text without its full stop: the banner sets one.
func sentence(text string) string { return strings.TrimRight(text, ". ") }

// isTrouble reports whether a banner says that a target is down.
func isTrouble(s api.Status, t api.Target) bool {
	return slices.ContainsFunc(s.Troubles, func(one api.Trouble) bool {
		return one.Kind == kindTargetDown && one.Subject == t.Name && one.Cluster == t.Cluster
	})
}

// Mood is the style of a job's state: a job that is RUNNING and in trouble is not good.
func (v view) Mood(job api.Job) string {
	troubled := slices.ContainsFunc(v.Troubles, func(t api.Trouble) bool {
		return t.Cluster == job.Cluster && t.Job == job.Name
	})
	switch {
	case job.State == "":
		return ""
	case job.State == "RUNNING" && !troubled:
		return "good"
	}
	return "bad"
}

// Lost reports whether a cluster has lost a TaskManager.
func (v view) Lost(cluster string) bool {
	return slices.ContainsFunc(v.Troubles, func(t api.Trouble) bool {
		return t.Kind == kindTaskManagerGone && t.Cluster == cluster
	})
}
