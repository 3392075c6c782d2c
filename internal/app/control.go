package app

import (
	"fmt"
	"math"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// skewed is by how much the busiest subtask must exceed the median for another
// process to be worth comparing with.
const skewed = 1.3

// addControl chooses a process to compare the target with, if that is wanted and the
// load of the vertex is uneven.
func (p *profiles) addControl(c *cluster, alert episode.Alert, target *episode.Target) {
	job, known := c.Job(alert.Job)
	if !p.cfg.Control || !known {
		return
	}
	at := slices.IndexFunc(job.Vertices, func(v snapshot.Vertex) bool { return v.ID == target.Vertex && v.Detail != nil })
	if at < 0 {
		return
	}
	detail := job.Vertices[at].Detail
	control, ok := controlOf(detail, target.Process)
	if !ok || !c.has(control) {
		return
	}
	target.Control = control
	target.Why += fmt.Sprintf("; its load is %.1f times the median, so %s, whose load is usual, is profiled to compare with", *detail.BusySkew, control)
}

// controlOf is the process of the subtask nearest to the median load, among those
// that run no subtask which is nearly as hot as the hottest; ok is false where the
// load is even or unknown.
func controlOf(detail *snapshot.Detail, target string) (process string, ok bool) {
	hot, known := detail.Hot()
	if !known || detail.BusySkew == nil || *detail.BusySkew < skewed {
		return "", false
	}
	median := *hot.Busy / *detail.BusySkew
	unfit := map[string]bool{"": true, target: true}
	for _, s := range detail.Subtasks {
		if *s.Busy*skewed > *hot.Busy { // known of all, or there were no skew
			unfit[s.TaskManager] = true
		}
	}
	nearest := math.Inf(1)
	for _, s := range detail.Subtasks {
		if off := math.Abs(*s.Busy - median); !unfit[s.TaskManager] && off < nearest {
			process, nearest, ok = s.TaskManager, off, true
		}
	}
	return process, ok
}
