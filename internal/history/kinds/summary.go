package kinds

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// MaxSummary is the maximum size of a summary in bytes of JSON, because a list holds up
// to [Limits.Most] of them in memory.
const MaxSummary = 16 << 10

// The limits of lists and texts in the summary of a very large episode.
const (
	SummaryFindings = 10
	SummaryText     = 200
)

// SummaryOf returns an episode as lists show it: without the evidence and the frames of
// profiles, which are most of its size. If the result is still too large, it cuts long
// texts and long lists.
func SummaryOf(e episode.Episode) episode.Episode {
	e.Profiles = slices.Clone(e.Profiles)
	for i := range e.Profiles {
		e.Profiles[i].Hot = nil
	}
	if e.Advice != nil {
		advice := *e.Advice
		advice.Evidence = []episode.Evidence{}
		e.Advice = &advice
	}
	if sizeOf(e) > MaxSummary {
		e = shortened(e)
	}
	if sizeOf(e) > MaxSummary {
		e = skeletonOf(e)
	}
	return e
}

// shortened cuts the unbounded texts and lists of an episode.
func shortened(e episode.Episode) episode.Episode {
	if e.Advice != nil {
		advice := *e.Advice
		advice.Findings = slices.Clone(first(SummaryFindings, advice.Findings))
		for i := range advice.Findings {
			f := &advice.Findings[i]
			f.Evidence = first(SummaryFindings, f.Evidence)
			f.Why, f.Change, f.TradeOffs, f.Title = cut(f.Why), cut(f.Change), cut(f.TradeOffs), cut(f.Title)
		}
		e.Marks = marksOf(e, advice.Findings)
		advice.Rejected, advice.Observations, advice.Warnings = []episode.Rejection{}, []string{}, []string{}
		e.Advice = &advice
	}
	e.Outcomes = slices.Clone(first(SummaryFindings, e.Outcomes))
	for i := range e.Outcomes {
		e.Outcomes[i].Reason = cut(e.Outcomes[i].Reason)
	}
	e.Notes = slices.Clone(first(SummaryFindings, e.Notes))
	for i := range e.Notes {
		e.Notes[i] = cut(e.Notes[i])
	}
	e.Profiles = first(SummaryFindings, e.Profiles)
	e.Announcements = first(SummaryFindings, e.Announcements)
	e.Measurement = nil
	e.Triggers = slices.Clone(first(SummaryFindings, e.Triggers))
	for i := range e.Triggers {
		e.Triggers[i].Summary = cut(e.Triggers[i].Summary)
	}
	e.Error, e.Waiting, e.Alert.Summary = cut(e.Error), cut(e.Waiting), cut(e.Alert.Summary)
	return e
}

// skeletonOf returns the minimal summary, for an episode with very long names and keys.
func skeletonOf(e episode.Episode) episode.Episode {
	alert := episode.Alert{
		Rule: cut(e.Alert.Rule), Source: e.Alert.Source, Cluster: e.Alert.Cluster, Job: e.Alert.Job,
		Vertex: cut(e.Alert.Vertex), Process: cut(e.Alert.Process), Summary: cut(e.Alert.Summary),
		StartsAt: e.Alert.StartsAt, ResolvedAt: e.Alert.ResolvedAt, Fingerprint: e.Alert.Fingerprint,
	}
	var target *episode.Target
	if e.Target != nil {
		target = &episode.Target{Vertex: cut(e.Target.Vertex), VertexName: cut(e.Target.VertexName)}
	}
	return episode.Episode{
		ID: e.ID, Alert: alert, Target: target, State: e.State, Opened: e.Opened, Finished: e.Finished, Concluded: e.Concluded,
		Notes: []string{fmt.Sprintf("The episode is too large for a list (sidecar history show %s).", e.ID)},
	}
}

func sizeOf(e episode.Episode) int {
	data, err := json.Marshal(e)
	if err != nil {
		return MaxSummary + 1
	}
	return len(data)
}

func first[T any](n int, list []T) []T { return list[:min(n, len(list))] }

// cut shortens a text between two characters.
func cut(text string) string {
	if len(text) <= SummaryText {
		return text
	}
	end := SummaryText
	for end > 0 && text[end]&0xc0 == 0x80 {
		end--
	}
	return text[:end] + "…"
}

// AddSummaries makes a summary of each stored episode, one at a time.
func AddSummaries(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{
		ledger.BucketSummaries, ledger.BucketDeclined, ledger.BucketDeclinedJob, ledger.BucketDeclinedKey,
	} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	return t.Bucket([]byte(ledger.BucketEpisodes)).ForEach(func(id, _ []byte) error {
		e, _, err := Episodes.Get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return t.PutJSON(ledger.BucketSummaries, id, SummaryOf(e))
	})
}
