package history

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

const (
	waitLong = 20 * time.Second
	waitTick = time.Millisecond

	// childFile turns the test binary into the child of TestKill, which writes to that
	// file.
	childFile = "HISTORY_TEST_CHILD_FILE"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := writeForEver(path, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForEver moves records through their states and writes each state to out after
// the history has acknowledged it.
func writeForEver(path string, out io.Writer) error {
	s, err := Open(context.Background(), configFor(path), quiet())
	if err != nil {
		return err
	}
	kept, err := s.Probes().Totals()
	if err != nil {
		return err
	}
	n := 0
	if len(kept) > 0 {
		n = int(kept[0].Intended)
	}
	for ; ; n++ {
		for _, outcome := range []episode.RecordOutcome{episode.Pending, episode.OnTime} {
			if err := s.Probes().Put([]episode.ProbeRecord{record(n, outcome, episode.Pending)}); err != nil {
				return err
			}
			fmt.Fprintln(out, "record", n, outcome)
		}
		e := newEpisode(n, "orders", episode.Opened)
		e.Advice = &episode.Advice{Findings: []episode.Finding{{ID: "F1"}}}
		if err := s.PutEpisode(e); err != nil {
			return err
		}
		fmt.Fprintln(out, "episode", n, "-")
		if _, err := s.PutAlertEnd(idAt(n), start); err != nil {
			return err
		}
		fmt.Fprintln(out, "end", n, "-")
		if err := writeResults(s, n, out); err != nil {
			return err
		}
		if err := s.PutDeclined(episode.Declined{
			Alert: episode.Alert{Fingerprint: fmt.Sprint(n)},
			First: start.Add(time.Duration(n) * time.Minute), // the oldest are dropped first
		}); err != nil {
			return err
		}
		fmt.Fprintln(out, "declined", n, "-")
	}
}

// writeResults writes what tests and advice led to.
func writeResults(s *Store, n int, out io.Writer) error {
	if _, err := s.PutOutcome(idAt(n), episode.Outcome{Finding: "F1", Result: episode.Hit, At: start}); err != nil {
		return err
	}
	fmt.Fprintln(out, "outcome", n, "-")
	for i := range 2 { // as after an iteration, and after the next
		test := scalerun.Test{ID: idAt(n), Run: "r", Job: "orders", Iterations: make([]scalerun.Iteration, i+1)}
		if err := s.PutScaleTest(test); err != nil {
			return err
		}
		fmt.Fprintln(out, "scaletest", n, i+1)
	}
	if err := s.PutEvaluation(episode.Evaluation{ID: idAt(n), Job: "orders"}); err != nil {
		return err
	}
	fmt.Fprintln(out, "evaluation", n, "-")
	return nil
}

// TestKill kills a writing process with SIGKILL at random moments. All acknowledged
// writes must survive. make crash kills it 1,000 times.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("ROUNDS")); err == nil {
		rounds = n
	}
	rng := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]string{}
	for round := range rounds {
		latest := map[string]string{}
		killChild(t, path, rng, latest)
		maps.Copy(acknowledged, latest)
		if round%50 == 49 || round == rounds-1 { // all of them take long
			latest = acknowledged
		}
		s, err := Open(t.Context(), configFor(path), quiet())
		require.NoError(t, err)
		require.Empty(t, s.SetAside())
		require.NoError(t, s.Probes().Verify())
		requireAll(t, s, latest)
		require.NoError(t, s.Close())
		check(t, path)
	}
	t.Logf("%d acknowledged writes survived %d kills", len(acknowledged), rounds)
	keepFigures(t, func(f *longForm) { f.Kills, f.Writes = rounds, len(acknowledged) })
}

// killChild runs a child until it has acknowledged a few writes, kills it at a random
// moment later, and adds all its acknowledged writes.
func killChild(t *testing.T, path string, rng *rand.Rand, acknowledged map[string]string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	killAt := 1 + rng.IntN(40)
	n := 0
	for ; lines.Scan(); n++ {
		what, state, _ := strings.Cut(strings.Replace(lines.Text(), " ", "-", 1), " ")
		acknowledged[what] = state
		if n == killAt {
			time.AfterFunc(time.Duration(rng.IntN(2000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	require.Error(t, child.Wait(), "a signal ended the child")
	require.Greater(t, n, killAt)
}

// requireAll compares the history with the acknowledged writes. A record may have a
// later state, because the kill may have cut off its acknowledgement.
func requireAll(t *testing.T, s *Store, acknowledged map[string]string) {
	t.Helper()
	records, err := s.Probes().Recent(0)
	require.NoError(t, err)
	outcomes := map[string]episode.RecordOutcome{}
	for _, r := range records {
		outcomes[r.Seed] = r.Sinks[0].Outcome
	}
	kept, err := s.Declined(episode.JobRef{}, "", MaxLimit)
	require.NoError(t, err)
	declined := map[string]bool{}
	for _, d := range kept {
		declined[d.Alert.Fingerprint] = true
	}
	tests, evaluated := map[string]string{}, map[string]bool{}
	for id, n := range storedTests(t, s) {
		tests[id] = strconv.Itoa(n)
	}
	for _, e := range storedEvaluations(t, s) {
		evaluated[e.ID] = true
	}
	newest := 0
	for what := range acknowledged {
		_, number, _ := strings.Cut(what, "-")
		n, err := strconv.Atoi(number)
		require.NoError(t, err)
		newest = max(newest, n)
	}
	for what, state := range acknowledged {
		kind, number, _ := strings.Cut(what, "-")
		n, err := strconv.Atoi(number)
		require.NoError(t, err)
		switch kind {
		case "declined":
			require.True(t, declined[strconv.Itoa(n)] || n <= newest-kinds.KeepDeclined+1, what)
			continue
		case "scaletest":
			require.GreaterOrEqual(t, tests[idAt(n)], state, what)
			continue
		case "evaluation":
			require.True(t, evaluated[idAt(n)], what)
			continue
		case "episode", "end", "outcome":
			e, ok, err := s.Episode(idAt(n))
			require.NoError(t, err)
			require.True(t, ok, what)
			require.True(t, kind != "end" || e.Alert.Resolved(), what)
			require.True(t, kind != "outcome" || len(e.Outcomes) == 1, what)
			continue
		}
		outcome, ok := outcomes[record(n).Seed]
		require.True(t, ok, what)
		if state == string(episode.OnTime) {
			require.Equal(t, episode.OnTime, outcome, what)
		}
	}
}

// storedTests are the iterations of each stored scale test, by its id.
func storedTests(t *testing.T, s *Store) map[string]int {
	t.Helper()
	found := map[string]int{}
	for before := ""; ; {
		page, err := s.ScaleTests(episode.JobRef{}, before, MaxLimit)
		require.NoError(t, err)
		for _, test := range page {
			found[test.ID], before = len(test.Iterations), test.ID
		}
		if len(page) < MaxLimit {
			return found
		}
	}
}

func storedEvaluations(t *testing.T, s *Store) (found []episode.Evaluation) {
	t.Helper()
	for before := ""; ; {
		page, err := s.Evaluations(episode.JobRef{}, before, MaxLimit)
		require.NoError(t, err)
		found = append(found, page...)
		if len(page) < MaxLimit {
			return found
		}
		before = page[len(page)-1].ID
	}
}
