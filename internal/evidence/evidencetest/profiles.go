package evidencetest

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Recorded reads a profile from a file of gzipped collapsed stacks.
func Recorded(t testing.TB, path, name, mode string) evidence.Profile {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	return evidence.Profile{Name: name, Mode: mode, Process: "tm1", Stacks: Collapsed(t, text)}
}

// Collapsed yields the stacks of collapsed lines.
func Collapsed(t testing.TB, r io.Reader) iter.Seq2[[]string, int64] {
	t.Helper()
	type entry struct {
		stack []string
		n     int64
	}
	var entries []entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		at := strings.LastIndexByte(lines.Text(), ' ')
		n, err := strconv.ParseInt(lines.Text()[at+1:], 10, 64)
		require.NoError(t, err)
		entries = append(entries, entry{strings.Split(lines.Text()[:at], ";"), n})
	}
	require.NoError(t, lines.Err())
	return func(yield func([]string, int64) bool) {
		for _, e := range entries {
			if !yield(slices.Clone(e.stack), e.n) {
				return
			}
		}
	}
}

// IntoTask is the beginning of every stack of a task thread.
const IntoTask = "java/lang/Thread.run;" +
	"org/apache/flink/runtime/taskmanager/Task.run;" +
	"org/apache/flink/runtime/taskmanager/Task.doRun;" +
	"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;" +
	"org/apache/flink/streaming/runtime/tasks/mailbox/MailboxProcessor.runMailboxLoop;" +
	"org/apache/flink/streaming/runtime/tasks/StreamTask.processInput"

// IntoUser is the beginning of a stack in the user's function.
const IntoUser = IntoTask + ";org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;" +
	"com/acme/orders/Enrich.processElement"

// Tasks returns a profile of a task thread. pairs are frames and a count in turn: the frames
// follow IntoTask, or stand alone if they begin with "!".
func Tasks(t testing.TB, mode string, pairs ...any) evidence.Profile {
	t.Helper()
	var text strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		below := pairs[i].(string)
		if !strings.HasPrefix(below, "!") {
			below = IntoTask + ";" + below
		}
		fmt.Fprintf(&text, "%s %d\n", strings.TrimPrefix(below, "!"), pairs[i+1])
	}
	return evidence.Profile{
		Name: strings.ToLower(mode) + ".html", Mode: mode, Process: "tm-1",
		Duration: 30 * time.Second, Stacks: Collapsed(t, strings.NewReader(text.String())),
	}
}

// Flat returns pairs for [Tasks]: n samples spread evenly over 20 frames, so that no frame
// is a cause.
func Flat(n int) []any {
	var pairs []any
	for i := range 20 {
		pairs = append(pairs, fmt.Sprintf("org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.step%d",
			i), n/20)
	}
	return pairs
}
