package bottleneck

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// vertex has the same shares of time in all subtasks.
func vertex(id string, busy, backpressured float64, inputs ...string) snapshot.Vertex {
	return snapshot.Vertex{
		ID: id, Inputs: inputs, Busy: &snapshot.Share{Mean: busy, Max: busy},
		Backpressured: &snapshot.Share{Mean: backpressured, Max: backpressured},
	}
}

func TestWhichVertexLimits(t *testing.T) {
	for name, test := range map[string]struct {
		vertices []snapshot.Vertex
		want     string
	}{
		"the full one": {[]snapshot.Vertex{
			vertex("source", 0.3, 0.7), vertex("enrich", 0.9, 0, "source"), vertex("sink", 0.4, 0, "enrich"),
		}, "enrich"},
		"the last of two full ones": {[]snapshot.Vertex{
			vertex("enrich", 0.85, 0.15), vertex("sink", 1, 0, "enrich"),
		}, "sink"},
		"not one after a fuller one that does not wait": {[]snapshot.Vertex{
			vertex("source", 1, 0), vertex("sink", 0.85, 0, "source"),
		}, "source"},
		"none below 80 %": {[]snapshot.Vertex{vertex("a", 0.79, 0), vertex("b", 0.5, 0, "a")}, ""},
		"the fuller of two branches": {[]snapshot.Vertex{
			vertex("source", 0.1, 0.9), vertex("left", 0.9, 0, "source"), vertex("right", 1, 0, "source"),
		}, "right"},
		"through a vertex in between": {[]snapshot.Vertex{
			vertex("a", 0.82, 0.18), vertex("b", 0.3, 0.7, "a"), vertex("c", 0.99, 0, "b"),
		}, "c"},
		"unknown is not idle": {[]snapshot.Vertex{{ID: "unknown"}, vertex("sink", 0.9, 0, "unknown")}, "sink"},
		"nothing known":       {[]snapshot.Vertex{{ID: "unknown"}}, ""},
		"all wait":            {[]snapshot.Vertex{vertex("source", 0.1, 0.9)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var tracker Tracker
			tracker.Next(test.vertices)
			require.Equal(t, test.want, tracker.Next(test.vertices).BottleneckID)
		})
	}
}

func TestNearlyEqualVerticesDoNotAlternate(t *testing.T) {
	var tracker Tracker
	for i := range 20 {
		wobble := 0.04 * float64(i%2)
		limits := tracker.Next([]snapshot.Vertex{
			vertex("left", 0.95+wobble, 0), vertex("right", 0.97, 0), vertex("sink", 0.2, 0, "left", "right"),
		})
		require.Equal(t, "right", limits.BottleneckID)
		require.Equal(t, "right", limits.BusiestID)
	}
	for i := range 20 {
		wobble := 0.04 * float64(i%2)
		limits := tracker.Next([]snapshot.Vertex{
			vertex("left", 0.5+wobble, 0), vertex("right", 0.52, 0), vertex("sink", 0.2, 0, "left", "right"),
		})
		require.Empty(t, limits.BottleneckID)
		require.Equal(t, "right", limits.BusiestID, "below 80 %% busy the busiest does not alternate either")
	}
}

func TestNearTheLimitTwoPollsAreNeeded(t *testing.T) {
	var tracker Tracker
	at := func(busy float64) string {
		return tracker.Next([]snapshot.Vertex{vertex("a", busy, 0)}).BottleneckID
	}
	for range 5 {
		require.Empty(t, at(0.78))
		require.Empty(t, at(0.82), "once above 80 %% may be a burst")
	}
	require.Equal(t, "a", at(0.82), "twice is not")
	require.Empty(t, at(0.79))
	require.Equal(t, "a", at(0.86), "so much is clear at once")
	require.Equal(t, "a", at(0.82))
}

func TestAnotherVertexNeedsTwoPolls(t *testing.T) {
	var tracker Tracker
	first := []snapshot.Vertex{vertex("a", 0.95, 0), vertex("b", 0.3, 0, "a")}
	second := []snapshot.Vertex{vertex("a", 0.85, 0.15), vertex("b", 1, 0, "a")}
	require.Equal(t, "a", tracker.Next(first).BottleneckID)
	require.Equal(t, "a", tracker.Next(second).BottleneckID)
	require.Equal(t, "b", tracker.Next(second).BottleneckID)
	require.Empty(t, tracker.Next([]snapshot.Vertex{vertex("a", 0.3, 0), vertex("b", 0.4, 0, "a")}).BottleneckID)
	require.Equal(t, snapshot.Limits{}, tracker.Next([]snapshot.Vertex{{ID: "a"}}), "unknown")
}
