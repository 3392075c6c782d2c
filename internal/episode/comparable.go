package episode

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// LastGood is the newest good profile in a mode among episodes, newest first, that
// belongs to another epoch than ep, is older, and has the same vertex.
func LastGood(episodes []Episode, ep Episode, mode string) (Profile, bool) {
	for _, earlier := range episodes {
		if earlier.ID >= ep.ID || earlier.EpochKey == "" || earlier.EpochKey == ep.EpochKey ||
			!sameVertex(earlier.Target, ep.Target) {
			continue
		}
		good := func(p Profile) bool {
			return p.Role != Control && p.Mode == mode && p.Grade == string(flame.Good)
		}
		if p, ok := firstProfile(earlier, good); ok {
			return p, true
		}
	}
	return Profile{}, false
}

// sameVertex reports whether two targets are of one vertex. Its id changes with the
// job's graph, its name only with the code.
func sameVertex(a, b *Target) bool {
	return a != nil && b != nil && (a.Vertex == b.Vertex || a.VertexName == b.VertexName && a.VertexName != "")
}

// JudgedProfile is the profile that an episode's advice is based on.
func JudgedProfile(ep Episode) (Profile, bool) {
	return firstProfile(ep, func(p Profile) bool { return p.Role != Control })
}

// ControlProfile is the control profile that was taken in the same episode.
func ControlProfile(ep Episode, mode string) (Profile, bool) {
	return firstProfile(ep, func(p Profile) bool { return p.Role == Control && p.Mode == mode })
}

// firstProfile is the first wanted profile of a process: profiles of vertices have
// another kind of samples.
func firstProfile(ep Episode, wanted func(Profile) bool) (Profile, bool) {
	i := slices.IndexFunc(ep.Profiles, func(p Profile) bool { return p.Mode != string(flame.Vertex) && wanted(p) })
	if i < 0 {
		return Profile{}, false
	}
	return ep.Profiles[i], true
}

// BetweenEpochs returns the newest good profiles of one vertex in one mode, the first from an
// epoch in base and the second from one in next. Episodes are newest first.
func BetweenEpochs(episodes []Episode, base, next []string) (before, after Profile, ok bool) {
	for _, later := range episodes {
		if later.EpochKey == "" || !slices.Contains(next, later.EpochKey) {
			continue
		}
		after, ok := JudgedProfile(later)
		if !ok || after.Grade != string(flame.Good) {
			continue
		}
		like := func(p Profile) bool {
			return p.Role != Control && p.Mode == after.Mode && p.Grade == string(flame.Good)
		}
		for _, earlier := range episodes {
			if earlier.EpochKey == "" || !slices.Contains(base, earlier.EpochKey) || !sameVertex(earlier.Target, later.Target) {
				continue
			}
			if before, ok := firstProfile(earlier, like); ok {
				return before, after, true
			}
		}
	}
	return Profile{}, Profile{}, false
}
