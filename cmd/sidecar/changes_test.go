package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
)

// TestTableThroughTheRunningSidecar: the commands find the process that has the history
// open, and its refusal is theirs.
func TestTableThroughTheRunningSidecar(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	where := "--history.path=" + sc.history
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems output
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}
	code, _, stderr := ask("history", "table", where)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no run with a baseline")

	story, err := os.ReadFile("../../internal/outcome/testdata/story.csv")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "story.csv")
	require.NoError(t, os.WriteFile(file, story, 0o600))
	code, stdout, stderr := ask("history", "import", "--format=csv", "--run=story", "--job=orders", file, where)
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "imported 10 rows as run \"story\" of job \"orders\"\n", stdout)
	code, stdout, stderr = ask("history", "table", "--format=csv", where)
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "Slightly Bigger Checkpoints,1266.025641,1155.39,4.63,")
	code, stdout, stderr = ask("history", "export", "--sidecar.url="+sc.url)
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "(baseline),1,100.8470771\n")
	for _, at := range []string{where, "--sidecar.url=" + sc.url} {
		code, stdout, stderr = ask("history", "export", "--kind=scaletests", "--format=jsonl", at)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stdout, `"run":"story"`)
		code, stdout, stderr = ask("history", "export", "--kind=episodes", at)
		require.Equal(t, exitFine, code, stderr)
		require.True(t, strings.HasPrefix(stdout, "id,opened,finished,state,"), stdout)
	}
	csv := filepath.Join(t.TempDir(), "out.csv")
	code, stdout, stderr = ask("history", "export", "--format=csv", csv, where)
	require.Equal(t, exitFine, code, stderr)
	require.Empty(t, stdout)
	written, err := os.ReadFile(csv)
	require.NoError(t, err)
	require.Contains(t, string(written), "(baseline),1,100.8470771\n")
	code, _, stderr = ask("history", "export", "--kind=findings", "--format=json", csv, where)
	require.Equal(t, exitUsage, code, stderr)
	again, err := os.ReadFile(csv)
	require.NoError(t, err)
	require.Equal(t, written, again, "a failed export replaces nothing")
	code, _, stderr = ask("history", "export", "--kind=findings", "--format=json", where)
	require.Equal(t, exitUsage, code, stderr)
	code, _, stderr = ask("history", "import", "--format=csv", "--run=story", "--job=orders", file, where)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "(choose another name with --run)")
}

// TestScaleTestsMoveToAnotherHistory whole, with the file alone and through a running sidecar; the
// same import again changes nothing.
func TestScaleTestsMoveToAnotherHistory(t *testing.T) {
	t.Parallel()
	ask := func(want int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, problems output
		require.Equal(t, want, run(t.Context(), append([]string{"history"}, args...), &out, &problems), problems.String())
		return out.String(), problems.String()
	}
	dir := t.TempDir()
	from, tests := "--history.path="+filepath.Join(dir, "from.db"), filepath.Join(dir, "tests.jsonl")
	for _, name := range []string{"first", "second"} {
		ask(exitFine, "import", "--format=csv", "--run="+name, "../../internal/outcome/testdata/story.csv", from)
	}
	ask(exitFine, "export", "--kind=scaletests", "--format=jsonl", tests, from)
	want, _ := ask(exitFine, "table", "--run=first", "--format=json", from)
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	for _, to := range []string{"--history.path=" + filepath.Join(dir, "to.db"), "--history.path=" + sc.history} {
		for _, said := range []string{"imported 20 scaletests\n", "imported 0 scaletests, 20 were there already\n"} {
			stdout, _ := ask(exitFine, "import", "--kind=scaletests", "--format=jsonl", tests, to)
			require.Equal(t, said, stdout)
			got, _ := ask(exitFine, "table", "--run=first", "--format=json", to)
			require.JSONEq(t, want, got)
		}
	}
	faulty := filepath.Join(dir, "faulty.jsonl")
	require.NoError(t, os.WriteFile(faulty, []byte("{}\n[]\n"), 0o600))
	empty := "--history.path=" + filepath.Join(dir, "empty.db")
	_, stderr := ask(exitFailed, "import", "--kind=scaletests", "--format=jsonl", faulty, empty)
	require.Contains(t, stderr, "line 1 is none of scaletests: it has no id")
	require.NoError(t, os.WriteFile(faulty, []byte(`{"id":"x"}`), 0o600))
	_, stderr = ask(exitFailed, "import", "--kind=scaletests", "--format=jsonl", faulty, empty)
	require.Contains(t, stderr, "is not an id")
	ask(exitUsage, "import", "--kind=scaletests", "--format=csv", faulty, empty)
	ask(exitUsage, "import", "--kind=scaletests", "--format=jsonl", "--run=x", faulty, empty)
	ask(exitUsage, "import", "--format=jsonl", faulty, empty)
}

// TestSessionOfTheManual runs the session in docs/history.md on the file that it shows.
func TestSessionOfTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/history.md")
	require.NoError(t, err)
	block := func(language string) string {
		_, rest, found := strings.Cut(string(manual), "```"+language+"\n")
		require.True(t, found, language)
		text, _, _ := strings.Cut(rest, "```")
		return text
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "results.csv"), []byte(block("csv")), 0o600))
	var shown strings.Builder
	for line := range strings.Lines(block("text")) {
		command, is := strings.CutPrefix(line, "$ sidecar ")
		if !is {
			continue
		}
		var out, problems output
		words := strings.Fields(strings.Replace(command, "results.csv", filepath.Join(dir, "results.csv"), 1))
		require.Equal(t, exitFine, run(t.Context(), append(words, "--history.path="+filepath.Join(dir, "h.db")), &out,
			&problems), problems.String())
		shown.WriteString(line + out.String())
	}
	require.Equal(t, block("text"), shown.String()[:len(block("text"))])
}

// TestTableOfEpochs: without scale tests, epochs of production are rows; one that is not there
// is named with those that are.
func TestTableOfEpochs(t *testing.T) {
	t.Parallel()
	w := &scaleWorld{history: filepath.Join(t.TempDir(), "h.db")}
	began := time.Now().UTC().Truncate(time.Hour).Add(-12 * time.Hour)
	w.changeHistory(t, func(store *history.Store) {
		_, err := store.PutEpoch(episode.Epoch{Key: "abcd", Cluster: "lab", Job: "orders", Began: began})
		require.NoError(t, err)
		var ms []episode.Measurement
		for n := range 11 * 60 {
			at := began.Add(time.Duration(n) * time.Minute)
			ms = append(ms, episode.Measurement{
				ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Kind: episode.KindWindow, Cluster: "lab",
				Job: "orders", EpochKey: "abcd", Began: at, Ended: at.Add(time.Minute), Throughput: new(10.0), Capacity: new(40.0),
			})
		}
		require.NoError(t, store.PutMeasurement(ms...))
	})
	ask := func(args ...string) (int, string, string) {
		var out, errs output
		code := run(t.Context(), append([]string{"history", "table", "--history.path=" + w.history}, args...), &out, &errs)
		return code, out.String(), errs.String()
	}
	code, stdout, stderr := ask("--since=abc", "--block=1h", "--format=csv")
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, ",40,,,,,,,,,,11,11\n")
	code, _, stderr = ask("--since=x")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `there is no epoch "x" (the newest are abcd of orders since`)
}
