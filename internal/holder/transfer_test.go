package holder

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/episodetest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/export"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func idAt(n int) string {
	return ulid.MustNew(ulid.Timestamp(began.Add(time.Duration(n)*time.Minute)), ulid.DefaultEntropy()).String()
}

// fileOf is a new history that no process holds.
func fileOf(t *testing.T) History {
	t.Helper()
	return History{
		Path: filepath.Join(t.TempDir(), "h.db"), Client: commoncfg.DefaultHTTPClientConfig,
		Log: slog.New(slog.DiscardHandler),
	}
}

// heldBy is a new history that a process holds.
func heldBy(t *testing.T) History {
	t.Helper()
	store := historytest.Open(t)
	server := httptest.NewServer(routes.NewHandler(routes.Sources{
		Episodes: store, Measurements: store, ScaleTests: store, Evaluations: store, Entries: store,
	}, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	h := fileOf(t)
	h.URL = server.URL
	return h
}

// full is a history with entries of each kind, which have something in every field.
func full(t *testing.T) History {
	t.Helper()
	h, f := fileOf(t), &episodetest.Filler{}
	cfg := history.DefaultConfig()
	cfg.Path = h.Path
	store, err := history.Open(t.Context(), cfg, h.Log)
	require.NoError(t, err)
	for i := range 3 {
		var e episode.Episode
		f.Fill(&e)
		e.ID, e.State = idAt(i), []episode.State{episode.Done, episode.Failed, episode.Done}[i]
		for j := range e.Advice.Findings {
			e.Advice.Findings[j].ID = fmt.Sprintf("%s-F%d", e.ID, j+1)
			e.Marks[j].Finding, e.Marks[j].Decision = e.Advice.Findings[j].ID, episode.Applied
			e.Outcomes[j].Finding, e.Outcomes[j].Result = e.Advice.Findings[j].ID, episode.Hit
		}
		require.NoError(t, store.PutEpisode(e))
		var m episode.Measurement
		f.Fill(&m)
		m.ID = idAt(i)
		require.NoError(t, store.PutMeasurement(m))
		var test scalerun.Test
		f.Fill(&test)
		test.ID, test.Verdict = idAt(i), scalerun.OK
		require.NoError(t, store.PutScaleTest(test))
		var v episode.Evaluation
		f.Fill(&v)
		v.ID, v.Kind, v.Verdict = idAt(i), episode.EvaluatedProbe, episode.EvaluationFine
		require.NoError(t, store.PutEvaluation(v))
		var epoch episode.Epoch
		f.Fill(&epoch)
		_, err := store.PutEpoch(epoch)
		require.NoError(t, err)
	}
	require.NoError(t, store.Close())
	return h
}

// exported are the entries of a kind as JSON lines.
func exported(t *testing.T, h History, kind export.Kind) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, h.Export(t.Context(), episode.JobRef{}, func(of export.History) error {
		return of.JSONLines(&out, kind)
	}))
	return out.String()
}

// TestWhatIsExportedComesBack whole, into a file and into the history of another process, from a file and
// from a pipe. The same import again changes nothing.
func TestWhatIsExportedComesBack(t *testing.T) {
	t.Parallel()
	from := full(t)
	for name, to := range map[string]History{"file": fileOf(t), "process": heldBy(t)} {
		for _, kind := range export.Imported() {
			text := exported(t, from, kind)
			require.Equal(t, 3, strings.Count(text, "\n"), kind)
			for _, in := range []io.Reader{strings.NewReader(text), io.NopCloser(strings.NewReader(text))} {
				receipt, err := to.ReadEntries(t.Context(), in, kind)
				require.NoError(t, err, "%s %s", name, kind)
				require.Equal(t, 3, receipt.Added+receipt.Known)
			}
			again, err := to.ReadEntries(t.Context(), strings.NewReader(text), kind)
			require.NoError(t, err)
			require.Equal(t, api.EntriesReceipt{Known: 3}, again)
			require.Equal(t, text, exported(t, to, kind), "%s %s", name, kind)
		}
		require.Equal(t, exported(t, from, export.Findings), exported(t, to, export.Findings))
		ep, err := to.Episodes(t.Context(), episode.JobRef{}, "", 10)
		require.NoError(t, err)
		require.Equal(t, episode.Applied, ep[0].Marks[0].Decision)
		require.Equal(t, episode.Hit, ep[0].Outcomes[0].Result)
	}
}

// TestAFaultyFileOfEntriesIsNotImported: the error names the line, and nothing of the file is stored.
func TestAFaultyFileOfEntriesIsNotImported(t *testing.T) {
	t.Parallel()
	from := full(t)
	for name, to := range map[string]History{"file": fileOf(t), "process": heldBy(t)} {
		lines := strings.SplitAfter(strings.TrimSuffix(exported(t, from, export.Episodes), "\n"), "\n")
		newer := strings.Replace(lines[2], `{`, `{"of_a_newer_version":1,`, 1)
		future := strings.Replace(lines[2], `"id":"01K`, `"id":"7ZZ`, 1)
		for fault, text := range map[string]string{
			"line 3 has the same entry as line 1 (remove one of them)":             lines[0] + lines[1] + lines[0],
			`line 3: unknown key "of_a_newer_version" (use the version of the sid`: lines[0] + lines[1] + newer,
			"line 3: id: ":                     lines[0] + lines[1] + future,
			"line 2 is none of episodes: ":     lines[0] + "[]\n",
			"there is no entry (use what hist": "\n",
		} {
			_, err := to.ReadEntries(t.Context(), strings.NewReader(text), export.Episodes)
			require.ErrorContains(t, err, fault, name)
			require.Empty(t, exported(t, to, export.Episodes), "%s: %s", name, fault)
		}
		_, err := to.ReadEntries(t.Context(), strings.NewReader(lines[0]), export.Findings)
		require.ErrorContains(t, err, `kind: "findings" cannot be imported`)

		_, err = to.ReadEntries(t.Context(), strings.NewReader(lines[1]), export.Episodes)
		require.NoError(t, err)
		before := exported(t, to, export.Episodes)
		other := strings.Replace(lines[1], `"state":"failed"`, `"state":"done"`, 1)
		require.NotEqual(t, lines[1], other)
		_, err = to.ReadEntries(t.Context(), strings.NewReader(lines[0]+other), export.Episodes)
		require.ErrorContains(t, err, "line 2: ")
		require.ErrorContains(t, err, "the history has it with another content")
		require.Equal(t, before, exported(t, to, export.Episodes), "the first line is not stored either")

		open := strings.Replace(lines[2], `"state":"done"`, `"state":"advising"`, 1)
		receipt, err := to.ReadEntries(t.Context(), strings.NewReader(lines[0]+open), export.Episodes)
		require.NoError(t, err)
		require.Equal(t, api.EntriesReceipt{Added: 1, Unfinished: 1}, receipt)
	}
}
