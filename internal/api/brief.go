package api

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Brief is an episode as listings show it: with its findings, but without the
// evidence that they cite and without the frames of its profiles, which are most of
// its size. [Client.Episode] has those. Whoever lists episodes in another way than
// through the API should do the same, so that both say the same.
func Brief(e episode.Episode) episode.Episode {
	e.Profiles = slices.Clone(e.Profiles)
	for i := range e.Profiles {
		e.Profiles[i].Hot = nil
	}
	if e.Advice != nil {
		advice := CompleteAdvice(*e.Advice)
		advice.Evidence = []episode.Evidence{}
		e.Advice = &advice
	}
	return e
}

// CompleteAdvice returns advice with empty lists in place of nil ones.
func CompleteAdvice(a episode.Advice) episode.Advice {
	a.Findings, a.Evidence, a.Rejected = slices.Clone(NotNil(a.Findings)), NotNil(a.Evidence), NotNil(a.Rejected)
	a.Observations, a.Warnings = NotNil(a.Observations), NotNil(a.Warnings)
	for i := range a.Findings {
		a.Findings[i].Evidence = NotNil(a.Findings[i].Evidence)
	}
	return a
}

// NotNil returns a list that JSON shows as [] if it is empty: a list of an answer is never null.
func NotNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
