package flame

import (
	"bytes"
	"fmt"
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

// Two answers about one sampling tell which threads waited, and for a monitor.
func TestReadBothTypes(t *testing.T) {
	read := func(kind string) []byte {
		text, err := os.ReadFile("testdata/flink/flink-2.3.0-vertex-" + kind + ".json")
		require.NoError(t, err)
		return text
	}
	both, err := BothTypes(read("on_cpu"), read("off_cpu"))
	require.NoError(t, err)
	tree, taken, err := ReadVertex(bytes.NewReader(both))
	require.NoError(t, err)
	require.EqualValues(t, 400, tree.Total(), "341 that ran and 59 that waited")
	require.EqualValues(t, 1795374434657, taken.UnixMilli())

	graph := func(leaf string) []byte {
		return fmt.Appendf(nil, `{"endTimestamp":9,"data":{"name":"root","value":7,"children":[{"name":%q,"value":7}]}}`, leaf)
	}
	for leaf, monitor := range map[string]bool{
		"com.acme.Client.ask:12": true, "java.util.Hashtable.get:380": true,
		"jdk.internal.misc.Unsafe.park:-2": false, "java.lang.Thread.sleep:-2": false, "java.lang.Object.wait:-2": false,
	} {
		both, err := BothTypes(graph("com.acme.Job.run:1"), graph(leaf))
		require.NoError(t, err)
		tree, _, err := ReadVertex(bytes.NewReader(both))
		require.NoError(t, err)
		waited := int64(0)
		for stack, n := range tree.Stacks() {
			if stack[len(stack)-1] == Monitor {
				waited += n
			}
		}
		require.Equal(t, monitor, waited == 7, leaf)
	}
	_, err = BothTypes([]byte("<html>"), nil)
	require.ErrorIs(t, err, ErrMalformed)
	_, _, err = ReadVertex(strings.NewReader(`{"on_cpu":{"endTimestamp":-3},"off_cpu":{"endTimestamp":-3}}`))
	require.ErrorIs(t, err, ErrNoSamples)
}
