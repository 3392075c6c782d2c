package routes

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// completeProbe returns a copy with empty lists in place of nil ones.
func completeProbe(p api.Probe) *api.Probe {
	p.Hops, p.Accounts = api.NotNil(p.Hops), api.NotNil(p.Accounts)
	if p.NothingArrived != nil {
		found := *p.NothingArrived
		found.Causes = api.NotNil(slices.Clone(found.Causes))
		for i := range found.Causes {
			found.Causes[i].Evidence = api.NotNil(found.Causes[i].Evidence)
		}
		p.NothingArrived = &found
	}
	if p.Round != nil {
		round := *p.Round
		round.Seen = api.NotNil(round.Seen)
		p.Round = &round
	}
	return &p
}

// completeProgress returns a copy with empty lists in place of nil ones.
func completeProgress(p api.ScaleProgress) *api.ScaleProgress {
	p.Visible = api.NotNil(p.Visible)
	return &p
}

// completeStatus returns the status with empty lists in place of nil ones.
func completeStatus(s api.Status) api.Status {
	s.Clusters = api.NotNil(s.Clusters)
	s.Targets, s.Jobs = api.NotNil(slices.Clone(s.Targets)), api.NotNil(slices.Clone(s.Jobs))
	s.Hints = api.NotNil(s.Hints)
	s.Warnings, s.Troubles = api.NotNil(s.Warnings), api.NotNil(s.Troubles)
	s.Trends, s.Loop.Paused = api.NotNil(s.Trends), api.NotNil(s.Loop.Paused)
	for i := range s.Targets {
		s.Targets[i].Problems = api.NotNil(s.Targets[i].Problems)
	}
	for i := range s.Jobs {
		s.Jobs[i].Vertices = api.NotNil(s.Jobs[i].Vertices)
	}
	if s.Probe != nil {
		s.Probe = completeProbe(*s.Probe)
	}
	if s.ScaleTest != nil {
		s.ScaleTest = completeProgress(*s.ScaleTest)
	}
	return s
}
