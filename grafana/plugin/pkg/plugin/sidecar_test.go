package plugin

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// TestSidecar asks a sidecar that runs as people run it, on a history with pages that Flink made: its
// own handler, limits and store of profiles. SIDECAR is its binary, which make plugin-test builds.
func TestSidecar(t *testing.T) {
	binary := os.Getenv("SIDECAR")
	if binary == "" {
		t.Skip("SIDECAR names no binary of the sidecar")
	}
	path := filepath.Join(t.TempDir(), "h.db")
	hot, calm := kept(t, path, "flink-2.3.0-tm-ITIMER.html"), kept(t, path, "flink-1.20.5-tm-ITIMER.html")
	remember(t, path, hot, calm)
	w := &world{}
	w.serve(runSidecar(t, binary, path))

	require.Equal(t, backend.HealthStatusOk, w.health(t).Status)
	for kind := range queries {
		filters := map[string]any{}
		if kind == "logs" {
			filters["episode"] = idAt(1)
		}
		answer := w.ask(t, kind, filters)
		if kind == "measurements" || kind == "hops" { // they are kept for some weeks only
			answer = w.askOver(t, kind, nil, backend.TimeRange{From: time.Now().Add(-time.Hour), To: time.Now()})
		}
		require.NoError(t, answer.Error, kind)
		require.NotEmpty(t, answer.Frames, kind)
	}
	require.Greater(t, w.ask(t, "flamegraph", map[string]any{"hash": hot}).Frames[0].Rows(), 50)
	both := w.ask(t, "diff", map[string]any{"episode": idAt(1)}).Frames[0]
	_, right := both.FieldByName("valueRight")
	require.GreaterOrEqual(t, right, 0)
	require.Greater(t, both.Rows(), 50)
	require.Contains(t, string(w.resource(t, "profiles", 200)), calm)
}

// kept stores a page of Flink's profiler beside a history, and returns its hash.
func kept(t *testing.T, path, name string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "internal", "flame", "testdata", "flink", name))
	require.NoError(t, err)
	require.NoError(t, (&pagestore.Store{Dir: pagestore.DirBeside(path)}).Put(page))
	return pagestore.HashOf(page)
}

// remember makes a history of some episodes with these profiles, and closes it.
func remember(t *testing.T, path, hot, calm string) {
	t.Helper()
	config := history.DefaultConfig()
	config.Path = path
	store, err := history.Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for n := range 3 {
		e := anEpisode(n)
		e.Profiles[0].Hash, e.Profiles[1].Hash = hot, calm
		require.NoError(t, store.PutEpisode(e))
		m := aMeasurement(n)
		m.Began, m.Ended = time.Now().Add(-time.Duration(n+1)*time.Minute), time.Now()
		var id ulid.ULID
		require.NoError(t, id.SetTime(ulid.Timestamp(m.Began)))
		m.ID = id.String()
		require.NoError(t, store.PutMeasurement(m))
	}
	require.NoError(t, store.Close())
}

// runSidecar starts a sidecar without a Flink, and returns its address.
func runSidecar(t *testing.T, binary, path string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	command := exec.CommandContext(ctx, binary, "run", "--flink.url=http://127.0.0.1:1", "--history.path="+path,
		"--web.listen-address=127.0.0.1:0")
	command.Dir = t.TempDir()
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	require.NoError(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() }) // it was told to end
	var owner history.Owner
	require.Eventually(t, func() bool {
		var found bool
		var err error
		owner, found, err = history.FindOwner(path)
		return err == nil && found && owner.URL != ""
	}, 30*time.Second, 20*time.Millisecond, "the sidecar does not announce itself")
	return owner.URL
}
