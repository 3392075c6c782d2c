package flame

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadVertex(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "flink", "flink-2.3.0-vertex-full.json"))
	require.NoError(t, err)
	defer file.Close()
	tree, taken, err := ReadVertex(file)
	require.NoError(t, err)
	require.Equal(t, time.UnixMilli(1795374434657), taken)
	require.EqualValues(t, 400, tree.Total())
	require.EqualValues(t, 400, containing(tree, func(frame string) bool {
		return frame == "org.apache.flink.runtime.taskmanager.Task.run"
	}))
	require.Zero(t, containing(tree, func(frame string) bool { return strings.Contains(frame, ":") }),
		"no line numbers")
}

func TestReadVertexMergesFramesThatDifferOnlyInTheLine(t *testing.T) {
	tree, _, err := ReadVertex(strings.NewReader(`{"endTimestamp":1,"data":{"name":"root","value":5,"children":[
		{"name":"a.B.run:1","value":2,"children":[{"name":"a.C.x:-1","value":1,"children":[]}]},
		{"name":"a.B.run:2","value":3,"children":[]}]}}`))
	require.NoError(t, err)
	got := map[string]int64{}
	for stack, n := range tree.Stacks() {
		got[strings.Join(stack, ";")] = n
	}
	require.Equal(t, map[string]int64{"a.B.run": 4, "a.B.run;a.C.x": 1}, got)
}

func TestReadVertexRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing yet":        {`{"endTimestamp":-3}`, ErrNoSamples},
		"disabled":           {`{"endTimestamp":-2}`, ErrNotSampled},
		"terminated":         {`{"endTimestamp":-1,"data":null}`, ErrTerminated},
		"not JSON":           {`<html>`, ErrMalformed},
		"cut off":            {`{"endTimestamp":1,"data":{"name":"root"`, ErrMalformed},
		"more than a parent": {`{"data":{"name":"root","value":1,"children":[{"name":"a","value":2}]}}`, ErrMalformed},
		"more in sum":        {`{"data":{"name":"root","value":3,"children":[{"name":"a","value":2},{"name":"b","value":2}]}}`, ErrMalformed},
		"a name of two": {
			`{"data":{"name":"root","value":2,"children":[{"name":"a.b;c.d","value":1}]}}`,
			ErrMalformed,
		},
		"a name of lines": {
			`{"data":{"name":"root","value":2,"children":[{"name":"a.b\nc.d","value":1}]}}`,
			ErrMalformed,
		},
		"beyond counting": {`{"data":{"name":"root","value":1000000000000000000,"children":[]}}`, ErrTooLarge},
		"no name": {
			`{"data":{"name":"root","value":2,"children":[{"name":":7","value":1}]}}`,
			ErrMalformed,
		},
		"negative": {
			`{"data":{"name":"root","value":1,"children":[{"name":"a","value":-2}]}}`,
			ErrMalformed,
		},
		"too deep": {`{"data":` + strings.Repeat(`{"name":"a","value":1,"children":[`, maxVertexDepth+2) +
			strings.Repeat(`]}`, maxVertexDepth+2) + `}`, ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ReadVertex(strings.NewReader(test.text))
			require.ErrorIs(t, err, test.want)
		})
	}
}
