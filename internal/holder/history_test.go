package holder

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// written is a history that no process holds, with one episode.
func written(t *testing.T) (h History, id string) {
	t.Helper()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "h.db")
	log := slog.New(slog.DiscardHandler)
	store, err := history.Open(t.Context(), cfg, log)
	require.NoError(t, err)
	id = "01KBRSV6J0000000000000000A"
	require.NoError(t, store.PutEpisode(episode.Episode{
		ID: id, State: episode.Done, Opened: time.Unix(1795374520, 0),
		Alert: episode.Alert{Rule: "lag", Job: "orders", Cluster: "eu", Source: episode.FromTrend},
	}))
	require.NoError(t, store.Close())
	return History{Path: cfg.Path, Client: commoncfg.DefaultHTTPClientConfig, Log: log}, id
}

// TestAFileThatNobodyHolds is read and written directly.
func TestAFileThatNobodyHolds(t *testing.T) {
	t.Parallel()
	h, id := written(t)
	_, _, held, err := h.Holder()
	require.NoError(t, err)
	require.False(t, held)
	episodes, err := h.Episodes(t.Context(), episode.JobRef{Cluster: "eu"}, "", 10)
	require.NoError(t, err)
	require.Len(t, episodes, 1)
	ep, err := h.Episode(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "orders", ep.Alert.Job)
	_, err = h.Episode(t.Context(), "01KBRSV6J0000000000000000Z")
	require.EqualError(t, err, "there is no episode 01KBRSV6J0000000000000000Z (sidecar history list shows the ids)")
	_, _, err = h.Profiles(t.Context(), id, false)
	require.ErrorContains(t, err, "episode "+id+" has no profile of a process")

	receipt, err := h.Import(t.Context(), api.ImportRequest{
		Job: "j", Run: "july", Format: "csv", Text: "label,throughput\na,1\n",
	})
	require.NoError(t, err)
	require.Equal(t, 1, receipt.Rows)
	table, err := h.Table(t.Context(), episode.JobRef{}, "july")
	require.NoError(t, err)
	require.Len(t, table.Rows, 1)
	_, _, err = h.Compact(t.Context())
	require.NoError(t, err)
}

func TestOnlyAnImportMakesAFile(t *testing.T) {
	t.Parallel()
	h := History{Path: filepath.Join(t.TempDir(), "none.db"), Log: slog.New(slog.DiscardHandler)}
	_, err := h.Episodes(t.Context(), episode.JobRef{}, "", 1)
	require.ErrorContains(t, err, "there is no history at "+h.Path+" (sidecar run creates one;")
	_, _, err = h.Compact(t.Context())
	require.ErrorContains(t, err, "there is no history at "+h.Path)
	_, err = h.Import(t.Context(), api.ImportRequest{Job: "j", Format: "csv", Text: "label,throughput\na,1\n"})
	require.NoError(t, err)
	_, err = h.Episodes(t.Context(), episode.JobRef{}, "", 1)
	require.NoError(t, err)
}

// TestAHolderIsAsked in place of the file, and its refusals say what to do.
func TestAHolderIsAsked(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(api.EpisodeList{Episodes: []episode.Episode{{ID: "of the holder"}}})
	}))
	t.Cleanup(server.Close)
	h, _ := written(t)
	h.URL = server.URL
	episodes, err := h.Episodes(t.Context(), episode.JobRef{}, "", 10)
	require.NoError(t, err)
	require.Equal(t, "of the holder", episodes[0].ID)
	_, _, err = h.Compact(t.Context())
	require.ErrorContains(t, err, "the sidecar at "+server.URL+" uses the history (stop it, compact, and start it again)")
	diff, err := h.FramesBetween(t.Context(), []scalerun.Test{{}}, "a", "b")
	require.NoError(t, err)
	require.Nil(t, diff, "its pages may be on another machine")

	status = http.StatusUnauthorized
	_, err = h.Episodes(t.Context(), episode.JobRef{}, "", 10)
	require.ErrorContains(t, err, "(set web.client.basic_auth in the configuration of this command)")
}

// TestACommandChangesNoFileThatItCannotRead reads and marks in histories that are damaged, empty, or
// no file.
func TestACommandChangesNoFileThatItCannotRead(t *testing.T) {
	t.Parallel()
	h, id := written(t)
	whole, err := os.ReadFile(h.Path)
	require.NoError(t, err)
	for problem, content := range map[string][]byte{
		"(start the sidecar: it sets the file aside": whole[:len(whole)/2],
		"is empty (sidecar run begins one":           {},
	} {
		require.NoError(t, os.WriteFile(h.Path, content, 0o600))
		_, err := h.Episodes(t.Context(), episode.JobRef{}, "", 10)
		require.ErrorContains(t, err, problem)
		_, err = h.Scores(t.Context())
		require.ErrorContains(t, err, problem)
		_, err = h.Mark(t.Context(), api.MarkRequest{Finding: id + "-F1", Decision: episode.Applied})
		require.ErrorContains(t, err, problem)
		kept, err := os.ReadFile(h.Path)
		require.NoError(t, err)
		require.Equal(t, content, kept)
		beside, err := os.ReadDir(filepath.Dir(h.Path))
		require.NoError(t, err)
		require.Len(t, beside, 1, "nothing is set aside")
	}
	h.Path = t.TempDir()
	_, err = h.Episodes(t.Context(), episode.JobRef{}, "", 10)
	require.ErrorContains(t, err, h.Path+" is a directory (name the file of the history")
}

// TestAnIDThatIsNone says what ids look like.
func TestAnIDThatIsNone(t *testing.T) {
	t.Parallel()
	h, _ := written(t)
	_, err := h.Episode(t.Context(), "X")
	require.EqualError(t, err, `"X" is not an id (ids have 26 letters and digits; sidecar history list shows them)`)
}

// TestASidecarThatDoesNotAnswer says what to do, and the address once.
func TestASidecarThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client, _, held, err := History{URL: gone.URL, Client: commoncfg.DefaultHTTPClientConfig}.Holder()
	require.NoError(t, err)
	require.True(t, held)
	_, err = client.Status(t.Context())
	require.EqualError(t, err, "sidecar at "+gone.URL+": it does not answer: connection refused (start it with sidecar run, or "+
		"correct its address)")
}
