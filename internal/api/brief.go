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
		advice := complete(*e.Advice)
		advice.Evidence = []episode.Evidence{}
		e.Advice = &advice
	}
	return e
}

// complete returns advice with empty lists in place of nil ones.
func complete(a episode.Advice) episode.Advice {
	a.Findings, a.Evidence, a.Rejected = slices.Clone(notNil(a.Findings)), notNil(a.Evidence), notNil(a.Rejected)
	a.Observations, a.Warnings = notNil(a.Observations), notNil(a.Warnings)
	for i := range a.Findings {
		a.Findings[i].Evidence = notNil(a.Findings[i].Evidence)
	}
	return a
}
