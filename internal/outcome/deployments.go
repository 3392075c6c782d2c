package outcome

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// BetweenEpochs compares the deployments of two epochs of a job, in the first run of scale tests,
// as fast as possible, that has enough deployments of both under one shape of load: paired by
// their order where they alternated, else by Welch. Units are how many deployments each side has.
// ok is false if no run has enough.
func BetweenEpochs(
	tests []scalerun.Test, of episode.JobRef, before, after string,
) (d stat.Difference, units [2]int, ok bool) {
	for _, g := range ofBoth(tests, of, before, after) {
		a, b := sampleOf(g[0]), sampleOf(g[1])
		if d, _, ok = interval(throughputs, a, b); ok {
			return d, [2]int{len(a.deployments), len(b.deployments)}, true
		}
	}
	return d, units, false
}

// LastOfBoth is when the scale tests that [BetweenEpochs] compares were last at work: a further
// deployment may follow. It is zero if no run has tests of both epochs.
func LastOfBoth(tests []scalerun.Test, of episode.JobRef, before, after string) (last time.Time) {
	for _, g := range ofBoth(tests, of, before, after) {
		if len(g[0]) == 0 || len(g[1]) == 0 {
			continue
		}
		for _, t := range slices.Concat(g[0], g[1]) {
			if at := t.Worked(); at.After(last) {
				last = at
			}
		}
	}
	return last
}

// ofBoth are the tests of two epochs of a job, as fast as possible, together where run and shape of
// load are the same, in the order of the first test of each.
func ofBoth(tests []scalerun.Test, of episode.JobRef, before, after string) (groups [][2][]scalerun.Test) {
	type key struct{ run, shape string }
	at := map[key]int{}
	for _, t := range tests {
		side := slices.Index([]string{before, after}, t.EpochKey)
		if side < 0 || before == after || t.EpochKey == "" || t.JobRef() != of || t.Rate != 0 {
			continue
		}
		k := key{t.Run, t.Shape}
		if _, seen := at[k]; !seen {
			at[k], groups = len(groups), append(groups, [2][]scalerun.Test{})
		}
		t.Label = "" // one sample for each epoch, whatever its tests are called
		groups[at[k]][side] = append(groups[at[k]][side], t)
	}
	return groups
}

// sampleOf is the one sample of tests of one label and shape, without deployments if there is no
// test.
func sampleOf(tests []scalerun.Test) *sample {
	for _, s := range samples(tests) {
		return s
	}
	return &sample{}
}

// EpochsOf are the keys of the epochs in which a label was tested, each once.
func EpochsOf(tests []scalerun.Test, label string) (keys []string) {
	for _, t := range tests {
		if t.Label == label && t.EpochKey != "" && t.Verdict == scalerun.OK && !slices.Contains(keys, t.EpochKey) {
			keys = append(keys, t.EpochKey)
		}
	}
	return keys
}
