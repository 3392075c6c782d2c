package profiling

import (
	"fmt"
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// skewed is the ratio of the busiest subtask to the median from which a control profile
// is useful.
const skewed = 1.3

// addControl chooses a process to compare the target with, if the load of the vertex is
// uneven.
func addControl(state snapshot.State, target *episode.Target) {
	job, _ := state.Job(target.Job)
	vertex, known := job.Vertex(target.Vertex)
	if !known || vertex.Detail == nil {
		return
	}
	control, ok := controlOf(vertex.Detail, target.Process)
	if !ok || !state.HasProcess(control) {
		return
	}
	target.Control = control
	target.Why += fmt.Sprintf("; its load is %.1f times the median, so %s, with typical load, is profiled as a "+
		"control",
		*vertex.Detail.BusySkew, control)
}

// controlOf is the process of the subtask nearest to the median load, among the processes
// that run no subtask nearly as hot as the hottest. ok is false where the load is even or
// unknown.
func controlOf(detail *snapshot.Detail, target string) (process string, ok bool) {
	hot, known := detail.Hot()
	if !known || detail.BusySkew == nil || *detail.BusySkew < skewed {
		return "", false
	}
	median := *hot.Busy / *detail.BusySkew
	unfit := map[string]bool{"": true, target: true}
	for _, s := range detail.Subtasks {
		if s.Busy != nil && *s.Busy*skewed > *hot.Busy {
			unfit[s.TaskManager] = true
		}
	}
	nearest := math.Inf(1)
	for _, s := range detail.Subtasks {
		if s.Busy == nil || unfit[s.TaskManager] {
			continue
		}
		if off := math.Abs(*s.Busy - median); off < nearest {
			process, nearest, ok = s.TaskManager, off, true
		}
	}
	return process, ok
}
