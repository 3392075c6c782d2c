package profiler

import (
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var enrich = VertexRef{Job: "j1", ID: "v1", Name: "enrich orders"}

const flamegraphOf = "GET /jobs/j1/vertices/v1/flamegraph"

// Flink's answers about one sampling: 341 of 400 samples are of running threads.
func onCPUAnswer(t *testing.T) answer  { return pageOf(t, "flink-2.3.0-vertex-on_cpu.json") }
func offCPUAnswer(t *testing.T) answer { return pageOf(t, "flink-2.3.0-vertex-off_cpu.json") }

func TestTakeVertex(t *testing.T) {
	b := newBench(t)
	b.flink.on(flamegraphOf+"?type=ON_CPU", answer{status: http.StatusOK, body: []byte(`{"endTimestamp":-3}`)}, onCPUAnswer(t))
	b.flink.on(flamegraphOf+"?type=OFF_CPU", offCPUAnswer(t))
	b.AskVertex(t.Context(), enrich)
	require.Equal(t, []string{flamegraphOf}, b.flink.requests())

	result, err := b.TakeVertex(t.Context(), enrich)
	require.NoError(t, err)
	require.Empty(t, b.slept, "it was sampled meanwhile")
	profile := result.Profile
	require.Equal(t, "VERTEX", profile.Mode)
	require.Empty(t, profile.Process)
	require.Equal(t, "v1", profile.Vertex)
	require.Equal(t, "enrich orders", profile.VertexName)
	require.EqualValues(t, 400, profile.Samples)
	require.EqualValues(t, 1795374434657, profile.Taken.UnixMilli())
	require.Zero(t, profile.Duration)
	require.NotEmpty(t, profile.Hot)
	require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues("VERTEX", "finished")), 0)

	tree, err := b.store.Tree(profile.Hash)
	require.NoError(t, err)
	require.EqualValues(t, 400, tree.Total())
}

func TestTakeVertexWaitsForItsFirstSamples(t *testing.T) {
	b := newBench(t)
	none := answer{status: http.StatusOK, body: []byte(`{"endTimestamp":-3}`)}
	b.flink.on(flamegraphOf, none, none, onCPUAnswer(t), offCPUAnswer(t))
	_, err := b.TakeVertex(t.Context(), enrich)
	require.NoError(t, err)
	require.Len(t, b.slept, 2)

	b.flink.on(flamegraphOf, none)
	_, err = b.TakeVertex(t.Context(), enrich)
	require.EqualError(t, err, "profiling: enrich orders: VERTEX: the run does not end: no samples came "+
		"(see the log of the process)")
}

func TestTakeVertexSaysWhyNot(t *testing.T) {
	for name, test := range map[string]struct {
		answer answer
		want   string
	}{
		"not configured": {
			answer{status: http.StatusOK, body: []byte(`{"endTimestamp":-2}`)},
			ErrNoFlameGraphs.Error(),
		},
		"no such path": {
			answer{status: http.StatusNotFound, body: []byte(`{"errors":["Not found"]}`)},
			ErrNoFlameGraphs.Error(),
		},
		"not JSON": {answer{status: http.StatusOK, body: []byte(`<html>`)}, "profiling: enrich orders: " +
			"VERTEX: the page cannot be read: malformed " +
			"(take the profile again): invalid character '<' looking for beginning of value (take it again)"},
		"refused": {
			answer{status: http.StatusForbidden, body: []byte(`{"errors":["no"]}`)},
			"profiling: enrich orders: VERTEX: Flink refused the request: no " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.flink.on(flamegraphOf, test.answer)
			_, err := b.TakeVertex(t.Context(), enrich)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestTakeOneSubtask(t *testing.T) {
	b := newBench(t)
	b.flink.on(flamegraphOf+"?subtaskindex=3&type=ON_CPU", onCPUAnswer(t))
	b.flink.on(flamegraphOf+"?subtaskindex=3&type=OFF_CPU", offCPUAnswer(t))
	hot := enrich
	hot.Subtask, hot.Role = new(3), episode.Hot
	result, err := b.TakeVertex(t.Context(), hot)
	require.NoError(t, err)
	require.Equal(t, 3, *result.Profile.Subtask)
	require.Equal(t, episode.Hot, result.Profile.Role)
	require.EqualValues(t, 400, result.Profile.Samples)
}
