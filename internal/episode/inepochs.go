package episode

import (
	"cmp"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Profiled is what profiles must share to be compared as groups.
type Profiled struct {
	// Vertex is the name of the vertex, or its id if it has no name; empty if the profiles are
	// of no vertex. Mode is that of the profiles.
	Vertex, Mode string
}

// InEpochs returns the good profiles of two epochs, newest first, of the vertex and the mode of
// which both have most. Episodes are newest first. Both groups are empty if there is no profile.
func InEpochs(episodes []Episode, base, next string) (of Profiled, before, after []Profile) {
	groups := map[Profiled]*[2][]Profile{}
	seen := map[string]bool{} // an episode may show a profile of an earlier one
	for _, ep := range episodes {
		side := slices.Index([]string{base, next}, ep.EpochKey)
		if side < 0 || ep.EpochKey == "" {
			continue
		}
		for _, p := range ep.Profiles {
			if p.Mode == string(flame.Vertex) || p.Role == Control || p.Grade != string(flame.Good) || seen[p.Hash] {
				continue
			}
			seen[p.Hash] = true
			key := Profiled{vertexOf(ep.Target), p.Mode}
			if groups[key] == nil {
				groups[key] = &[2][]Profile{}
			}
			groups[key][side] = append(groups[key][side], p)
		}
	}
	for key, g := range groups {
		better := cmp.Or(cmp.Compare(min(len(g[0]), len(g[1])), min(len(before), len(after))),
			cmp.Compare(len(g[0])+len(g[1]), len(before)+len(after)), cmp.Compare(of.Mode+of.Vertex, key.Mode+key.Vertex))
		if before == nil && after == nil || better > 0 {
			of, before, after = key, g[0], g[1]
		}
	}
	return of, before, after
}

func vertexOf(t *Target) string {
	if t == nil {
		return ""
	}
	return cmp.Or(t.VertexName, t.Vertex)
}
