package flame

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddThreads(t *testing.T) {
	dump, err := os.ReadFile(filepath.Join("testdata", "flink", "flink-2.3.0-tm-threads.json"))
	require.NoError(t, err)
	tree := New()
	added, cut, err := tree.AddThreads(dump)
	require.NoError(t, err)
	require.EqualValues(t, strings.Count(string(dump), `"threadName"`)-2-1, added,
		"all threads except two without a stack and the thread that takes the dump")
	require.Zero(t, cut)
	require.Equal(t, added, tree.Total())
	tasks := containing(tree, func(frame string) bool { return frame == "org/apache/flink/runtime/taskmanager/Task.run" })
	require.EqualValues(t, strings.Count(string(dump), "Task.run(Task.java:"), tasks)
	require.NotZero(t, tasks)
	require.Zero(t, containing(tree, func(frame string) bool {
		return strings.ContainsAny(frame, "@(:") || strings.Contains(frame, "dumpThreads")
	}), "neither modules nor lines, nor what takes the dump")
	quality := tree.Quality()
	require.Zero(t, quality.Rootless)
	require.Zero(t, quality.Unknown)
}

func TestThreadFrame(t *testing.T) {
	for text, want := range map[string]string{
		"java.base@17.0.15/jdk.internal.misc.Unsafe.park(Native Method)":                                "jdk/internal/misc/Unsafe.park",
		"java.base/java.lang.Thread.run(Thread.java:840)":                                               "java/lang/Thread.run",
		"app//org.apache.flink.runtime.taskmanager.Task.run(Task.java:575)":                             "org/apache/flink/runtime/taskmanager/Task.run",
		"platform/jdk.httpserver@17.0.15/sun.net.httpserver.ServerImpl$Dispatcher.run(ServerImpl.java)": "sun/net/httpserver/ServerImpl$Dispatcher.run",
		"app//a.Task$$Lambda$986/0x00007ff7de670648.run(Unknown Source)":                                "a/Task$$Lambda$986/0x00007ff7de670648.run",
		"a.Task$$Lambda$986/1234567.run(Unknown Source)":                                                "a/Task$$Lambda$986/1234567.run",
		"Job.<init>(Job.java:1)":  "Job.<init>",
		"a.Job.in words(J.kt:1)":  "a/Job.in words",
		"StreamExecCalc$12.x":     "StreamExecCalc$12.x",
		"scala.A.$anonfun$b$1(S)": "scala/A.$anonfun$b$1",
	} {
		got, ok := threadFrame(text)
		require.True(t, ok, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "run", ".run(", "a.", "a.b;c(", "a.b\rc("} {
		_, ok := threadFrame(text)
		require.False(t, ok, text)
	}
}

func TestAddThreadsCountsCutStacks(t *testing.T) {
	tree := New()
	added, cut, err := tree.AddThreads([]byte(`{"threadInfos":[
		{"threadName":"a","stringifiedThreadInfo":"\"a\" Id=1 RUNNABLE\n\tat A.top(A.java:1)\n\tat A.mid(A.java:2)\n\t...\n"},
		{"threadName":"b","stringifiedThreadInfo":"\"b\" Id=2 RUNNABLE\n\tat A.top(A.java:9)\n\t-  locked X@1\n\tat java.lang.Thread.run(T.java:2)\n\n"}]}`))
	require.NoError(t, err)
	require.EqualValues(t, 2, added)
	require.EqualValues(t, 1, cut)
	require.Equal(t, "A.mid;A.top 1\njava/lang/Thread.run;A.top 1\n", collapse(t, tree))
	require.InDelta(t, 0.5, tree.Quality().Rootless, 0)
}

func TestAddThreadsRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"not JSON":   {`<html>`, ErrMalformed},
		"cut off":    {`{"threadInfos":[{"threadName":"a"`, ErrMalformed},
		"another":    {`{"errors":[]}`, ErrMalformed},
		"none":       {`{"threadInfos":null}`, ErrMalformed},
		"no method":  {`{"threadInfos":[{"stringifiedThreadInfo":"\tat A.b(A.java)\n\tat here\n"}]}`, ErrMalformed},
		"two in one": {`{"threadInfos":[{"stringifiedThreadInfo":"\tat A.b;A.c(A.java)\n"}]}`, ErrMalformed},
		"without bound": {`{"threadInfos":[{"stringifiedThreadInfo":"` +
			strings.Repeat(`\tat A.b(A.java)\n`, defaultLimits.depth+1) + `"}]}`, ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			tree := New()
			_, _, err := tree.AddThreads([]byte(test.text))
			require.ErrorIs(t, err, test.want)
			require.Zero(t, tree.Total(), "a refused dump adds no samples")
		})
	}
}
