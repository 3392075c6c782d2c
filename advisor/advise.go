package advisor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/rules"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Rules returns the findings of the deterministic rules about a bundle. It is a pure
// function and never fails: a warning names each input that is not usable.
func Rules(b evidence.Bundle) episode.Advice {
	adv, _ := analyse(&b)
	return adv
}

// analyse does the work of Rules and also returns the facts. The claims of the LLM are
// checked against these facts.
func analyse(b *evidence.Bundle) (episode.Advice, *cause.Facts) {
	f := cause.Examine(b, rules.All())
	findings := f.Judge()
	rank(findings, f.Own)
	f.Temper(findings)
	number(findings, b.Episode, 1)
	f.AddContext()
	addHistory(f)
	citeSources(f, findings)
	return episode.Advice{
		Findings: orEmpty(findings), Evidence: orEmpty(f.Book.Entries), Rejected: []episode.Rejection{},
		Observations: orEmpty(slices.Concat(b.Observations, f.Observations)),
		Warnings:     orEmpty(slices.Concat(b.Warnings, f.Warnings)),
	}, f
}

// citeSources adds the code of frames to the evidence, and to the findings that name such a frame
// in their evidence or in their reason.
func citeSources(f *cause.Facts, findings []episode.Finding) {
	for _, s := range f.Bundle.Sources {
		id := f.Book.Source(s)
		for i := range findings {
			if names(f, findings[i], s.Frame) {
				findings[i].Evidence = append(slices.Clip(findings[i].Evidence), id)
			}
		}
	}
}

// names reports whether a finding or the evidence that it cites has the name of a frame.
func names(f *cause.Facts, finding episode.Finding, frame string) bool {
	if strings.Contains(finding.Title+" "+finding.Why, frame) {
		return true
	}
	return slices.ContainsFunc(finding.Evidence, func(id string) bool {
		e, ok := f.Book.Find(id)
		return ok && e.Kind == evidence.KindFrame && strings.Contains(e.Subject+" "+e.Text, frame)
	})
}

// orEmpty makes nil an empty slice, which is [] in JSON.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// rank sorts the findings that explain the alert first, then by severity, then by impact.
// Where code is slow for no known cause, its finding comes after those that know what to change.
// A finding without impact comes after one with impact. Equal findings keep the order of
// the rules.
func rank(findings []episode.Finding, own func(episode.Finding) bool) {
	slices.SortStableFunc(findings, func(a, b episode.Finding) int {
		return cmp.Or(first(own(b), own(a)), first(actionable(b), actionable(a)),
			cmp.Compare(weight(b.Severity), weight(a.Severity)), cmp.Compare(high(b), high(a)), cmp.Compare(low(b), low(a)))
	})
}

// actionable reports whether a finding that matters says what to change.
func actionable(f episode.Finding) bool {
	return f.Severity != episode.Info && f.Source != "rule:"+rules.OwnCode
}

// first orders true after false.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func weight(s episode.Severity) int {
	return slices.Index([]episode.Severity{episode.Info, episode.Warning, episode.Critical}, s)
}

// high and low are -1 for a finding without impact, which is below every impact.
func high(f episode.Finding) float64 {
	if f.Impact == nil {
		return -1
	}
	return f.Impact.HighPercent
}

func low(f episode.Finding) float64 {
	if f.Impact == nil {
		return -1
	}
	return f.Impact.LowPercent
}

// number gives ranks and ids, starting at first. If the bundle names its episode, an id
// is unique among all episodes.
func number(findings []episode.Finding, episodeID string, first int) {
	for i := range findings {
		findings[i].Rank = first + i
		findings[i].ID = fmt.Sprintf("F%d", first+i)
		if episodeID != "" {
			findings[i].ID = episodeID + "-" + findings[i].ID
		}
	}
}
