package alerts

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Scope says what a signal's past belongs to: where it ends, the window is cut.
type Scope string

// The scopes, the narrowest first.
const (
	Run     Scope = "run"     // one attempt of a job: for what tasks do
	Process Scope = "process" // one JVM: a leak outlives the jobs in it
	Epoch   Scope = "epoch"   // unchanged software and settings: for what outlives restarts
)

// fingerprint names what fires. It is stable across restarts of the sidecar.
func fingerprint(rule string, l snapshot.Labels) string {
	hash := fnv.New64a()
	for _, part := range []string{rule, l.Cluster, l.Job, l.Vertex, l.Process} {
		fmt.Fprint(hash, part, "\x1f")
	}
	return strconv.FormatUint(hash.Sum64(), 16)
}

// Observation is one sample of a signal, and where it belongs. Offering the same
// sample again is harmless: it is known by its time.
type Observation struct {
	Signal snapshot.Signal
	Labels snapshot.Labels
	Sample series.Sample
	// Max is the most that the value can be, for rules about a part of it; nil
	// when it isn't known.
	Max *float64
	// RunID, ProcessID and EpochKey identify what the sample was taken in. An
	// empty one isn't known, and cuts nothing.
	RunID, ProcessID, EpochKey string
}

// within returns the key of the given scope.
func (o Observation) within(scope Scope) string {
	switch scope {
	case Run:
		return o.RunID
	case Process:
		return o.ProcessID
	default:
		return o.EpochKey
	}
}
