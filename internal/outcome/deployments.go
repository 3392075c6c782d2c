package outcome

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// DeploymentValues are the values of the deployments of two epochs of a job, in the first run
// of scale tests, as fast as possible, that has enough deployments of both under one shape of
// load; none if no run has. A value is the mean logarithm of the throughput.
func DeploymentValues(tests []episode.ScaleTest, of episode.JobRef, before, after string) (a, b []float64) {
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
		pair := groups[k]
		a, b = valuesOf(pair[0]), valuesOf(pair[1])
		if len(a) >= MinDeployments && len(b) >= MinDeployments {
			return a, b
		}
	}
	return nil, nil
}

func valuesOf(tests []episode.ScaleTest) []float64 {
	for _, s := range samples(tests) {
		return s.values()
	}
	return nil
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
