package profiling

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// unevenSubtasks are the hottest subtask of the target's vertex and one with typical load, if
// the load is uneven: their flame graphs tell what the hot one does more of.
func unevenSubtasks(state snapshot.State, target episode.Target) []profiler.VertexRef {
	job, _ := state.Job(target.Job)
	vertex, known := job.Vertex(target.Vertex)
	if !known || vertex.Detail == nil {
		return nil
	}
	hot, typical, ok := hotAndTypical(vertex.Detail)
	if !ok {
		return nil
	}
	ref := profiler.VertexRef{Job: target.JobID, ID: target.Vertex, Name: target.VertexName}
	one, other := ref, ref
	one.Subtask, one.Role = &hot, episode.Hot
	other.Subtask, other.Role = &typical, episode.Control
	return []profiler.VertexRef{one, other}
}

// hotAndTypical are the indexes of the busiest subtask and of the one nearest to the median. ok
// is false where the load is even or unknown.
func hotAndTypical(detail *snapshot.Detail) (hot, typical int, ok bool) {
	hottest, known := detail.Hot()
	if !known || detail.BusySkew == nil || *detail.BusySkew < skewed {
		return 0, 0, false
	}
	median, nearest := *hottest.Busy / *detail.BusySkew, math.Inf(1)
	for _, s := range detail.Subtasks {
		if s.Busy == nil || s.Index == hottest.Index {
			continue
		}
		if off := math.Abs(*s.Busy - median); off < nearest {
			typical, nearest, ok = s.Index, off, true
		}
	}
	return hottest.Index, typical, ok
}
