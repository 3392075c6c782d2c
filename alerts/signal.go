package alerts

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Scope is the unit to which a signal's past belongs. The window is cut at the end of
// this unit.
type Scope string

// The scopes, the narrowest first.
const (
	Run     Scope = "run"     // one attempt of a job: for signals of tasks
	Process Scope = "process" // one JVM: for signals of a JVM, because a leak survives the end of a job
	Epoch   Scope = "epoch"   // unchanged software and settings: for signals that survive restarts
)

// fingerprint identifies a firing rule. It is stable across restarts of the sidecar.
func fingerprint(rule string, l snapshot.Labels) string {
	hash := fnv.New64a()
	for _, part := range []string{rule, l.Cluster, l.Job, l.Vertex, l.Process} {
		fmt.Fprint(hash, part, "\x1f")
	}
	return strconv.FormatUint(hash.Sum64(), 16)
}

// Observation is one sample of a signal, with its origin. Repeating an observation is
// harmless: its time identifies it.
type Observation struct {
	Signal snapshot.Signal
	Labels snapshot.Labels
	Sample series.Sample
	// AtLeast marks a lower bound of a value that is still being measured, such as the
	// duration of a checkpoint in progress. It counts for the level, not for the line.
	AtLeast bool
	// Max is the maximum possible value, for rules with a fraction of it; nil if it is
	// not known.
	Max *float64
	// RunID, ProcessID and EpochKey identify the origin of the sample. An empty one is
	// not known and does not cut the window.
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
