package groupdiff

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// group is what was counted in one group of profiles.
type group struct {
	samples []int64 // by profile
	// self are the self samples of each frame, by profile.
	self map[string][]int64
	// total is the mean share of the samples with the frame anywhere on their stack, called
	// the mean share of the self samples by caller.
	total  map[string]float64
	called map[call]float64
}

// call is a frame and its direct caller; "" for a frame with which a thread begins.
type call struct{ caller, frame string }

// namer makes the names of one frame in several builds equal, each once.
type namer map[string]string

func (n namer) normal(name string) string {
	normal, known := n[name]
	if !known {
		normal = flame.Normal(name)
		n[name] = normal
	}
	return normal
}

func count(trees []*flame.Tree, names namer) group {
	g := group{self: map[string][]int64{}, total: map[string]float64{}, called: map[call]float64{}}
	for i, tree := range trees {
		all := tree.Total()
		g.samples = append(g.samples, all)
		weight := 1 / (float64(all) * float64(len(trees)))
		for stack, samples := range tree.Stacks() {
			if samples > 0 {
				g.add(stack, samples, i, len(trees), weight, names)
			}
		}
	}
	return g
}

// add counts one stack of profile i.
func (g group) add(stack []string, samples int64, i, profiles int, weight float64, names namer) {
	seen := map[string]bool{}
	leaf, caller := "", ""
	for _, name := range stack {
		caller, leaf = leaf, names.normal(name)
		if !seen[leaf] { // a frame that calls itself counts once
			seen[leaf] = true
			g.total[leaf] += float64(samples) * weight
		}
	}
	if g.self[leaf] == nil {
		g.self[leaf] = make([]int64, profiles)
	}
	g.self[leaf][i] += samples
	g.called[call{caller, leaf}] += float64(samples) * weight
}

// all is the sum of the samples of all profiles.
func (g group) all() (sum int64) {
	for _, n := range g.samples {
		sum += n
	}
	return sum
}

// of are the self samples of a frame by profile.
func (g group) of(frame string) []int64 {
	if counts := g.self[frame]; counts != nil {
		return counts
	}
	return make([]int64, len(g.samples))
}

// share is the mean share of the self samples of a frame.
func (g group) share(frame string) (mean float64) {
	for i, n := range g.of(frame) {
		mean += float64(n) / float64(g.samples[i]) / float64(len(g.samples))
	}
	return mean
}
