package plugin

import (
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// aJob reads two topics, joins them, and writes to two sinks; one of them is not known yet.
func aJob(cluster string) api.Job {
	share := func(mean float64) *api.Share { return &api.Share{Mean: mean, Max: min(1, 2*mean)} }
	vertex := func(id string, in, out, busy, backpressured float64, inputs ...string) api.Vertex {
		return api.Vertex{
			ID: id, Name: id, Parallelism: 2, Inputs: inputs, RecordsIn: &in, RecordsOut: &out,
			Busy: share(busy), Backpressured: share(backpressured), Idle: share(1 - busy - backpressured),
		}
	}
	join := vertex("join", 1234.5, 1_500_000, 0.98, 0, "orders", "customers")
	pending := 12_000.0
	join.Bottleneck, join.Pending, join.Parallelism = true, &pending, 1
	return api.Job{Cluster: cluster, Name: `orders "a", ü <b>`, Vertices: []api.Vertex{
		vertex("orders", 1000, 1000, 0.1, 0.8), vertex("customers", 234.5, 234.5, 0.02, 0.7), join,
		vertex("search", 750_000, 0, 0.25, 0, "join"),
		{ID: "archive", Name: "archive", Parallelism: 4, Inputs: []string{"join"}},
	}}
}

// graph is the answer to a query of the node graph.
func (w *world) graph(t *testing.T, filters map[string]any) (nodes, edges *data.Frame) {
	t.Helper()
	answer := w.ask(t, "nodegraph", filters)
	require.NoError(t, answer.Error)
	require.Len(t, answer.Frames, 2)
	return answer.Frames[0], answer.Frames[1]
}

// texts are the values of a field.
func texts(t *testing.T, f *data.Frame, name string) (all []string) {
	t.Helper()
	values, i := f.FieldByName(name)
	require.GreaterOrEqual(t, i, 0, name)
	for row := range values.Len() {
		all = append(all, values.At(row).(string))
	}
	return all
}

// TestNodeGraph holds the frames to what the panel demands: an edge leads between nodes that are
// there, ids are unique, and the parts of a ring are numbers whose sum is 1.
func TestNodeGraph(t *testing.T) {
	nodes, edges := filled(t).graph(t, nil)
	ids := texts(t, nodes, "id")
	require.Len(t, ids, 10)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), len(ids))
	require.Subset(t, ids, texts(t, edges, "source"))
	require.Subset(t, ids, texts(t, edges, "target"))
	require.Len(t, texts(t, edges, "id"), 8)
	for row := range nodes.Rows() {
		sum := 0.0
		for _, name := range []string{"arc__busy", "arc__backpressured", "arc__idle", "arc__unknown"} {
			f, _ := nodes.FieldByName(name)
			require.NotEmpty(t, f.Config.Color["fixedColor"])
			sum += f.At(row).(float64)
		}
		require.InDelta(t, 1, sum, 1e-9)
	}
}

// TestNodeGraphRates: a rate is told where Flink's counts are of one edge alone.
func TestNodeGraphRates(t *testing.T) {
	nodes, edges := filled(t).graph(t, map[string]any{"cluster": "prod"})
	require.Equal(t, []string{"10 %", "2 %", "98 %", "25 %", "unknown"}, texts(t, nodes, "mainstat"))
	require.Equal(t, []string{"1.0 k/s", "234.5/s", "1.2 k/s", "750.0 k/s", "unknown"}, texts(t, nodes, "secondarystat"))
	require.Equal(t, []string{"1.0 k/s", "234.5/s", "750.0 k/s", "unknown"}, texts(t, edges, "mainstat"))
	require.Equal(t, "bottleneck, 1 subtask", texts(t, nodes, "subtitle")[2])
	require.Equal(t, "12.0 k", texts(t, nodes, "detail__pending")[2])
	require.Equal(t, "unknown", texts(t, nodes, "detail__pending")[3])
}

// TestNodeGraphLinks open the job's flame graph, whatever its name is.
func TestNodeGraphLinks(t *testing.T) {
	nodes, _ := filled(t).graph(t, nil)
	id, _ := nodes.FieldByName("id")
	link := id.Config.Links[0].Internal
	require.Equal(t, "history", link.DatasourceUID)
	require.Equal(t, map[string]any{
		"refId": "A", "queryType": "flamegraph",
		"job": `${__data.fields["detail__job"]}`, "cluster": `${__data.fields["detail__cluster"]}`,
	}, link.Query)
}

// TestNodeGraphCut has no edge to a node that was left out.
func TestNodeGraphCut(t *testing.T) {
	nodes, edges := filled(t).graph(t, map[string]any{"limit": 3})
	require.Equal(t, 3, nodes.Rows())
	require.Len(t, texts(t, edges, "id"), 2)
	require.Contains(t, nodes.Meta.Notices[0].Text, "Only 3 vertices")
}

func TestNodeGraphOfNothing(t *testing.T) {
	w := filled(t)
	nodes, edges := w.graph(t, map[string]any{"job": "another"})
	require.Zero(t, nodes.Rows())
	require.Zero(t, edges.Rows())
	require.Contains(t, nodes.Meta.Notices[0].Text, "No such job")

	w.status.At = start.Add(3 * time.Hour)
	nodes, _ = w.graph(t, nil)
	require.Contains(t, nodes.Meta.Notices[0].Text, "is of now")
}

func TestShortNumbers(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.0123: "0.012", 1: "1", 33.333: "33.3", 999: "999", 1000: "1.0 k", 1_234_567: "1.2 M", 5e9: "5.0 G",
	} {
		require.Equal(t, want, short(x))
	}
}
