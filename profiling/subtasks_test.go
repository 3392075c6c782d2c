package profiling

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// An uneven vertex gets the flame graphs of its hottest subtask and of a typical one.
func TestUnevenSubtasks(t *testing.T) {
	state := func(skew float64, busy ...*float64) snapshot.State {
		detail := &snapshot.Detail{BusySkew: &skew}
		for i, b := range busy {
			detail.Subtasks = append(detail.Subtasks, snapshot.Subtask{Index: i, Busy: b})
		}
		return snapshot.State{Jobs: []snapshot.Job{{
			ID: "j", Name: "orders",
			Vertices: []snapshot.Vertex{{ID: "v", Name: "enrich", Detail: detail}},
		}}}
	}
	target := episode.Target{Job: "orders", JobID: "j", Vertex: "v", VertexName: "enrich"}
	refs := unevenSubtasks(state(2.5, new(0.35), nil, new(1.0), new(0.4)), target)
	require.Len(t, refs, 2)
	require.Equal(t, 2, *refs[0].Subtask)
	require.Equal(t, episode.Hot, refs[0].Role)
	require.Equal(t, 3, *refs[1].Subtask, "nearest to the median of 0.4")
	require.Equal(t, episode.Control, refs[1].Role)

	require.Empty(t, unevenSubtasks(state(1.1, new(0.9), new(1.0)), target), "even")
	require.Empty(t, unevenSubtasks(state(2, new(1.0), nil), target), "nothing to compare with")
	require.Empty(t, unevenSubtasks(snapshot.State{}, target), "unknown")
}
