package profiler

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// Subtask is one parallel instance of a vertex.
type Subtask struct {
	Index int
	// TaskManager is the id of the TaskManager that runs it; empty if none does.
	TaskManager string
	// Busy is the share of time spent working, between 0 and 1; nil is unknown.
	Busy *float64
}

// Busiest picks the subtask whose TaskManager is to be profiled: the busiest running one.
// Of equally busy ones, or if no busy time is known, it is one on the TaskManager that
// runs most of them, and else the first. ok is false when none runs.
func Busiest(subtasks []Subtask) (picked Subtask, ok bool) {
	runs := slices.DeleteFunc(slices.Clone(subtasks), func(s Subtask) bool { return s.TaskManager == "" })
	if len(runs) == 0 {
		return Subtask{}, false
	}
	neighbours := map[string]int{}
	for _, s := range runs {
		neighbours[s.TaskManager]++
	}
	return slices.MinFunc(runs, func(a, b Subtask) int {
		return cmp.Or(
			cmp.Compare(busy(b), busy(a)),
			cmp.Compare(neighbours[b.TaskManager], neighbours[a.TaskManager]),
			cmp.Compare(a.Index, b.Index),
		)
	}), true
}

// busy orders a subtask with unknown busy time behind all others.
func busy(s Subtask) float64 {
	if s.Busy == nil {
		return -1
	}
	return *s.Busy
}

// maxVertex bounds Flink's answer about a vertex: half a kilobyte for a subtask.
const maxVertex = 8 << 20

// Subtasks reads which TaskManagers run a vertex and how busy its subtasks are. Flink
// starts to measure the latter at the first request and answers without it: then it is
// unknown.
func Subtasks(ctx context.Context, flink Flink, job, vertex string) ([]Subtask, error) {
	var details struct {
		Subtasks []struct {
			Subtask       int    `json:"subtask"`
			Status        string `json:"status"`
			TaskManagerID string `json:"taskmanager-id"`
		} `json:"subtasks"`
	}
	if failure := about(ctx, flink, "/jobs/:jobid/vertices/:vertexid", job, vertex, &details); failure != nil {
		return nil, failure
	}
	var load struct {
		Subtasks []struct {
			Subtask int      `json:"subtask"`
			Busy    *float64 `json:"busyRatio"`
		} `json:"subtasks"`
	}
	busy := map[int]*float64{}
	if failure := about(ctx, flink, "/jobs/:jobid/vertices/:vertexid/backpressure", job, vertex,
		&load); failure == nil {
		for _, s := range load.Subtasks {
			busy[s.Subtask] = s.Busy
		}
	}
	var subtasks []Subtask
	for _, s := range details.Subtasks {
		if s.Status != running {
			s.TaskManagerID = ""
		}
		subtasks = append(subtasks, Subtask{Index: s.Subtask, TaskManager: s.TaskManagerID, Busy: busy[s.Subtask]})
	}
	return subtasks, nil
}

// about reads one document about a vertex.
func about(ctx context.Context, flink Flink, pattern, job, vertex string, into any) *Error {
	status, answer, err := flink.Do(ctx, http.MethodGet, pattern, []string{job, vertex}, nil, maxVertex)
	switch {
	case err != nil:
		return &Error{Outcome: Unreachable, Process: vertex, Err: err}
	case status != http.StatusOK:
		return &Error{Outcome: Refused, Process: vertex, Cause: cause(status, answer)}
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return &Error{Outcome: Refused, Process: vertex, Err: errNotJSON}
	}
	return nil
}
