package profiler

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBusiest(t *testing.T) {
	for name, test := range map[string]struct {
		subtasks []Subtask
		index    int
	}{
		"the busiest":                {[]Subtask{{0, "tm1", new(.2)}, {1, "tm2", new(.9)}, {2, "tm1", new(.5)}}, 1},
		"zero is known":              {[]Subtask{{0, "tm1", nil}, {1, "tm2", new(0.0)}}, 1},
		"not one that doesn't run":   {[]Subtask{{0, "", new(1.0)}, {1, "tm2", new(.1)}}, 1},
		"nothing known: most of all": {[]Subtask{{0, "tm1", nil}, {1, "tm2", nil}, {2, "tm2", nil}}, 1},
		"equally busy: most of all":  {[]Subtask{{0, "tm1", new(.5)}, {1, "tm2", new(.5)}, {2, "tm2", new(.1)}}, 1},
		"nothing tells: the first":   {[]Subtask{{3, "tm2", nil}, {1, "tm1", nil}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			picked, ok := Busiest(test.subtasks)
			require.True(t, ok)
			require.Equal(t, test.index, picked.Index)
		})
	}
	for _, none := range [][]Subtask{nil, {{0, "", new(1.0)}}} {
		_, ok := Busiest(none)
		require.False(t, ok)
	}
}

func TestSubtasks(t *testing.T) {
	const vertex = "GET /jobs/a38a/vertices/f362"
	flink := newFakeFlink(t)
	flink.on(vertex, captured(t, 200, "vertex.json"))
	flink.on(vertex+"/backpressure", captured(t, 200, "backpressure.json"))
	subtasks, err := Subtasks(t.Context(), client{flink.URL}, "a38a", "f362")
	require.NoError(t, err)
	require.Equal(t, []Subtask{
		{0, "tm1", new(.107)}, {1, "tm1", new(.09)}, {2, "tm2", new(.091)}, {3, "tm2", new(.102)},
	}, subtasks)
	picked, ok := Busiest(subtasks)
	require.True(t, ok)
	require.Equal(t, "tm1", picked.TaskManager)

	// The first answer has no subtasks: Flink begins to measure.
	flink.on(vertex+"/backpressure", answer{200, []byte(`{"status":"deprecated"}`), false})
	subtasks, err = Subtasks(t.Context(), client{flink.URL}, "a38a", "f362")
	require.NoError(t, err)
	require.Len(t, subtasks, 4)
	require.Nil(t, subtasks[0].Busy)
}

func TestSubtasksFailures(t *testing.T) {
	const vertex = "GET /jobs/a38a/vertices/f362"
	flink := newFakeFlink(t)
	for _, test := range []struct {
		answer  answer
		message string
	}{
		{answer{404, []byte(`{"errors":["Job a38a not found"]}`), false}, "profiling: f362: Flink refused the " +
			"request: Job a38a not found (check flink.url, flink.http and profiling.duration against " +
			"rest.profiling.duration-max)"},
		{answer{200, []byte(`<html>`), false}, "profiling: f362: Flink refused the request: the answer is not a " +
			"profiler's (check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)"},
	} {
		flink.on(vertex, test.answer)
		_, err := Subtasks(t.Context(), client{flink.URL}, "a38a", "f362")
		require.EqualError(t, err, test.message)
	}
	flink.Close()
	_, err := Subtasks(t.Context(), client{flink.URL}, "a38a", "f362")
	require.ErrorContains(t, err, "Flink gave no answer")
}
