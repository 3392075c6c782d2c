package annotations

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
)

const (
	// epochsTogether is the time between two changes of a job within which they are one
	// region: a roll-out in steps, or a job that is deployed again and again.
	epochsTogether = 10 * time.Minute
	// epochsLookedAt bounds the episodes of a job among which such changes are looked for.
	epochsLookedAt = 200
	// epochsTold bounds the changes in a text.
	epochsTold = 5
)

// epochMark is one change of a job.
type epochMark struct {
	episode  episode.Episode
	from, to time.Time
	text     string
}

// ofEpochs is the annotation of an epoch, and of the epochs around it: the first of them has
// the annotation.
func (a *Annotations) ofEpochs(ep episode.Episode) (grafana.Annotation, error) {
	marks, err := a.marksAround(ep)
	if err != nil {
		return grafana.Annotation{}, err
	}
	first, last := marks[0], marks[len(marks)-1]
	wanted := a.annotationOf(first.episode)
	wanted.Text, wanted.Link = epochText(marks), a.evidence(last.episode)
	if last.to.After(first.from) {
		wanted.To = last.to
	}
	return wanted, nil
}

// marksAround returns the changes of a job that follow each other closely, among them that of
// ep, oldest first.
func (a *Annotations) marksAround(ep episode.Episode) ([]epochMark, error) {
	of := ep.Alert.JobRef()
	episodes, err := a.store.Episodes(of, "", epochsLookedAt)
	if err != nil {
		return nil, err
	}
	epochs, err := a.store.Epochs(of, epochsLookedAt)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(episodes, func(e episode.Episode) bool { return e.ID == ep.ID }) {
		episodes = append(episodes, ep)
	}
	var outcomes []episode.Outcome
	for _, e := range episodes {
		outcomes = append(outcomes, e.Outcomes...)
	}
	var all []epochMark
	for _, e := range episodes {
		if e.Alert.Source == episode.FromEpoch && !e.Alert.Omits(episode.ActionAnnotate) {
			all = append(all, epochMarkOf(e, epochs, outcomes))
		}
	}
	slices.SortFunc(all, func(x, y epochMark) int { return strings.Compare(x.episode.ID, y.episode.ID) })
	at := slices.IndexFunc(all, func(m epochMark) bool { return m.episode.ID == ep.ID })
	if at < 0 {
		return []epochMark{epochMarkOf(ep, epochs, outcomes)}, nil
	}
	from, to := at, at+1
	for from > 0 && all[from].from.Sub(all[from-1].to) <= epochsTogether {
		from--
	}
	for to < len(all) && all[to].from.Sub(all[to-1].to) <= epochsTogether {
		to++
	}
	return all[from:to], nil
}

// epochMarkOf describes a change as the epoch is now: changes of scale may have been added.
func epochMarkOf(ep episode.Episode, epochs []episode.Epoch, outcomes []episode.Outcome) epochMark {
	m := epochMark{episode: ep, from: ep.Alert.StartsAt, to: ep.Alert.StartsAt, text: "deployed: " + ep.Alert.Summary}
	at := slices.IndexFunc(epochs, func(e episode.Epoch) bool { return e.Began.Equal(ep.Alert.StartsAt) })
	if at < 0 || len(epochs[at].Changes) == 0 {
		return m
	}
	m.to, m.text = later(m.to, epochs[at].Rescaled), "deployed: "+epochs[at].Describe()
	if episode.OnlyScale(epochs[at].Changes) {
		m.text = "rescaled: " + epochs[at].Describe()
	}
	if use := prediction.EarlierUse(epochs, at, outcomes).String(); use != "" {
		m.text += "; " + use
	}
	return m
}

// epochText says what changed, and how much the job reads since then.
func epochText(marks []epochMark) string {
	last := marks[len(marks)-1]
	job := last.episode.Alert.Job
	lines := []string{fmt.Sprintf("%s %s", job, last.text)}
	if len(marks) > 1 {
		lines = []string{fmt.Sprintf("%s changed %d times within %d min", job, len(marks),
			int(math.Ceil(last.to.Sub(marks[0].from).Minutes())))}
		for _, m := range marks[max(0, len(marks)-epochsTold):] {
			lines = append(lines, m.from.UTC().Format("15:04 UTC ")+m.text)
		}
	}
	if m := last.episode.Measurement; m != nil && m.Throughput != nil {
		lines = append(lines, fmt.Sprintf("Since then it reads %.*f records/s.", decimals(*m.Throughput), *m.Throughput))
	}
	return strings.Join(lines, "\n")
}

// decimals are those that a rate needs in a text: none if it is large.
func decimals(rate float64) int {
	if rate < 10 {
		return 1
	}
	return 0
}
