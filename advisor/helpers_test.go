package advisor

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// recorded is a profile as a real Flink delivered it, kept as collapsed stacks.
func recorded(t testing.TB, name, mode string) Profile {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".collapsed.gz"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	return Profile{Name: name, Mode: mode, Process: "tm1", Stacks: collapsed(t, text)}
}

func collapsed(t testing.TB, r io.Reader) iter.Seq2[[]string, int64] {
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

// intoTask is how every stack of a task thread begins.
const intoTask = "java/lang/Thread.run;org/apache/flink/runtime/taskmanager/Task.run;org/apache/flink/runtime/taskmanager/Task.doRun;" +
	"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;org/apache/flink/streaming/runtime/tasks/mailbox/MailboxProcessor.runMailboxLoop;" +
	"org/apache/flink/streaming/runtime/tasks/StreamTask.processInput"

// intoUser is how a stack gets into the user's function.
const intoUser = intoTask + ";org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;com/acme/orders/Enrich.processElement"

// tasks is a profile of stacks below the task's own frames: pairs of what
// follows them and a count.
func tasks(t *testing.T, mode string, pairs ...any) Profile {
	t.Helper()
	var text strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		below := pairs[i].(string)
		if !strings.HasPrefix(below, "!") {
			below = intoTask + ";" + below
		}
		fmt.Fprintf(&text, "%s %d\n", strings.TrimPrefix(below, "!"), pairs[i+1])
	}
	return Profile{Name: strings.ToLower(mode) + ".html", Mode: mode, Process: "tm-1", Duration: 30 * time.Second, Stacks: collapsed(t, strings.NewReader(text.String()))}
}

// flat is n samples that show no cause, spread over many frames.
func flat(n int) []any {
	var pairs []any
	for i := range 20 {
		pairs = append(pairs, fmt.Sprintf("org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.step%d", i), n/20)
	}
	return pairs
}

func find(adv episode.Advice, category string) (episode.Finding, bool) {
	i := slices.IndexFunc(adv.Findings, func(f episode.Finding) bool { return f.Category == category })
	if i < 0 {
		return episode.Finding{}, false
	}
	return adv.Findings[i], true
}

func found(t *testing.T, adv episode.Advice, category string) episode.Finding {
	t.Helper()
	f, ok := find(adv, category)
	require.True(t, ok, "no finding %s in %v", category, adv.Findings)
	return f
}

// entry returns the text of an entry.
func entry(t *testing.T, adv episode.Advice, id string) episode.Evidence {
	t.Helper()
	for _, e := range adv.Evidence {
		if e.ID == id {
			return e
		}
	}
	require.Fail(t, "no evidence "+id)
	return episode.Evidence{}
}
