package profiler

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

const (
	flamegraphPath = "/jobs/:jobid/vertices/:vertexid/flamegraph"
	// vertexPatience is several times the time that Flink needs for its hundred samples,
	// 50 ms apart.
	vertexPatience = 20 * time.Second
	vertexLook     = time.Second
)

// ErrNoFlameGraphs means that Flink does not sample vertices.
var ErrNoFlameGraphs = errors.New("profiling: Flink takes no flame graphs of vertices " +
	"(set rest.flamegraph.enabled: true)")

// AskVertex makes Flink sample a vertex, if it is configured to and has not done so
// within the last minute (rest.flamegraph.refresh-interval).
func (p *Profiler) AskVertex(ctx context.Context, vertex VertexRef) {
	// TakeVertex shows the result.
	_, _ = p.vertexGraph(ctx, vertex, onCPU)
}

// VertexRef is a vertex of a job, or one of its subtasks.
type VertexRef struct {
	Job, ID, Name string
	// Subtask is the index of the subtask; nil means all together.
	Subtask *int
	// Role is the part of the subtask in a comparison; empty without one.
	Role episode.Role
}

// The types of Flink's flame graphs. Both show one sampling.
const (
	onCPU  = "ON_CPU"
	offCPU = "OFF_CPU"
)

// query returns the parameters of a request for a flame graph.
func (v VertexRef) query(kind string) string {
	query := url.Values{"type": {kind}}
	if v.Subtask != nil {
		query.Set("subtaskindex", strconv.Itoa(*v.Subtask))
	}
	return "?" + query.Encode()
}

// TakeVertex returns Flink's own flame graph of a vertex as a profile, stored like any
// other: thread samples of all its subtasks or of one, on and off the CPU. It needs no
// async-profiler and shows where tasks wait, which an ITIMER profile cannot. It may be a
// minute old. The error is [ErrNoFlameGraphs], where Flink is not configured for it, or
// an [*Error].
func (p *Profiler) TakeVertex(ctx context.Context, vertex VertexRef) (Result, error) {
	text, tree, taken, failure := p.awaitVertex(ctx, vertex)
	if failure != nil {
		failure.Mode = flame.Vertex
		if failure.Outcome == Disabled {
			return Result{}, ErrNoFlameGraphs
		}
		p.Metrics.count(flame.Vertex, failure.Outcome)
		return Result{}, failure
	}
	result := p.result(tree, flame.Vertex, p.Now(), text)
	result.Profile.Taken = taken // Flink's time; no id contains it
	result.Profile.Vertex, result.Profile.VertexName = vertex.ID, vertex.Name
	result.Profile.Subtask, result.Profile.Role = vertex.Subtask, vertex.Role
	p.Metrics.count(flame.Vertex, Finished)
	return result, nil
}

// awaitVertex sends requests until Flink has samples.
func (p *Profiler) awaitVertex(
	ctx context.Context, vertex VertexRef,
) (text []byte, tree *flame.Tree, taken time.Time, failure *Error) {
	for until := p.Now().Add(vertexPatience); ; {
		text, failure = p.bothGraphs(ctx, vertex)
		if failure != nil {
			return nil, nil, taken, failure
		}
		tree, taken, err := flame.ReadVertex(bytes.NewReader(text))
		switch {
		case err == nil:
			return text, tree, taken, nil
		case errors.Is(err, flame.ErrNotSampled):
			return nil, nil, taken, &Error{Outcome: Disabled}
		case errors.Is(err, flame.ErrTerminated):
			return nil, nil, taken, &Error{Outcome: Lost, Process: cmp.Or(vertex.Name, vertex.ID), Err: err}
		case !errors.Is(err, flame.ErrNoSamples):
			return nil, nil, taken, &Error{Outcome: Unreadable, Process: cmp.Or(vertex.Name, vertex.ID), Err: err}
		case p.Now().After(until):
			return nil, nil, taken, &Error{
				Outcome: Overdue, Process: cmp.Or(vertex.Name, vertex.ID),
				Cause: "no samples came",
			}
		}
		if err := p.Sleep(ctx, vertexLook); err != nil {
			return nil, nil, taken, &Error{Outcome: Canceled, Err: err}
		}
	}
}

// bothGraphs returns the answers about running and about waiting threads as one text; the
// answer as it is while there are no samples.
func (p *Profiler) bothGraphs(ctx context.Context, vertex VertexRef) ([]byte, *Error) {
	running, failure := p.vertexGraph(ctx, vertex, onCPU)
	if failure != nil {
		return nil, failure
	}
	if _, _, err := flame.ReadVertex(bytes.NewReader(running)); err != nil {
		return running, nil // the caller reads it again and knows what to do
	}
	waiting, failure := p.vertexGraph(ctx, vertex, offCPU)
	if failure != nil {
		return nil, failure
	}
	both, err := flame.BothTypes(running, waiting)
	if err != nil {
		return nil, &Error{Outcome: Unreadable, Process: cmp.Or(vertex.Name, vertex.ID), Err: err}
	}
	return both, nil
}

func (p *Profiler) vertexGraph(ctx context.Context, vertex VertexRef, kind string) ([]byte, *Error) {
	status, text, err := p.Flink.Do(ctx, http.MethodGet, flamegraphPath+vertex.query(kind),
		[]string{vertex.Job, vertex.ID}, nil, maxVertex)
	switch {
	case err != nil:
		return nil, &Error{Outcome: Unreachable, Process: cmp.Or(vertex.Name, vertex.ID), Err: err}
	case status == http.StatusNotFound:
		return nil, &Error{Outcome: Disabled}
	case status != http.StatusOK:
		return nil, &Error{Outcome: Refused, Process: cmp.Or(vertex.Name, vertex.ID), Cause: cause(status, text)}
	}
	return text, nil
}
