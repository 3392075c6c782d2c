package outcome

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// BetweenEpochs compares the deployments of two epochs of a job, in the first run of scale tests,
// as fast as possible, that has enough deployments of both under one shape of load: paired by
// their order where they alternated, else by Welch. Units are how many deployments each side has.
// ok is false if no run has enough.
func BetweenEpochs(
	tests []episode.ScaleTest, of episode.JobRef, before, after string,
) (d stat.Difference, units [2]int, ok bool) {
	type key struct{ run, shape string }
	groups := map[key][2][]episode.ScaleTest{}
	var order []key
	for _, t := range tests {
		if t.JobRef() != of || t.Rate != 0 || t.EpochKey == "" || before == after {
			continue
		}
		k := key{t.Run, t.Shape}
		pair, seen := groups[k]
		if !seen {
			order = append(order, k)
		}
		t.Label = "" // one sample for each epoch, whatever its tests are called
		switch t.EpochKey {
		case before:
			pair[0] = append(pair[0], t)
		case after:
			pair[1] = append(pair[1], t)
		}
		groups[k] = pair
	}
	for _, k := range order {
		a, b := sampleOf(groups[k][0]), sampleOf(groups[k][1])
		if d, _, ok = interval(a, b); ok {
			return d, [2]int{len(a.deployments), len(b.deployments)}, true
		}
	}
	return d, units, false
}

// sampleOf is the one sample of tests of one label and shape, without deployments if there is no
// test.
func sampleOf(tests []episode.ScaleTest) *sample {
	for _, s := range samples(tests) {
		return s
	}
	return &sample{}
}

// EpochsOf are the keys of the epochs in which a label was tested, each once.
func EpochsOf(tests []episode.ScaleTest, label string) (keys []string) {
	for _, t := range tests {
		if t.Label == label && t.EpochKey != "" && t.Verdict == episode.ScaleOK && !slices.Contains(keys, t.EpochKey) {
			keys = append(keys, t.EpochKey)
		}
	}
	return keys
}
