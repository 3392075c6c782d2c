package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// mounted returns an empty file system of its own, of 4 MiB; false where mounts need a right
// that the tests don't have.
func mounted(t *testing.T) (dir string, permitted bool) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		require.ErrorIs(t, err, unix.EPERM)
		return "", false
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir, true
}

// onVolume moves the history of a stand to a directory.
func (s *stand) onVolume(dir string) {
	s.Helper()
	text, err := os.ReadFile(s.file)
	require.NoError(s, err)
	moved := strings.Replace(string(text), "{path: history.db}", fmt.Sprintf("{path: %q}", filepath.Join(dir, "history.db")), 1)
	require.NoError(s, os.WriteFile(s.file, []byte(moved), 0o600))
}

func (s *stand) metric(line string) bool {
	_, page := s.ask(s.T, http.MethodGet, "/metrics", nil)
	return strings.Contains(page, line+"\n")
}

// examine is what sidecar doctor says of the history.
func (s *stand) examine() check.Result {
	s.Helper()
	cfg, err := config.Load(s.file, config.Overrides{})
	require.NoError(s, err)
	for _, r := range doctor.Examine(s.Context(), cfg, doctor.Options{File: s.file}).Checks {
		if r.Check == "history.file" {
			return r
		}
	}
	s.Fatal("no check of the history")
	return check.Result{}
}

// refuses requires what a person sees while the volume refuses writes.
func (s *stand) refuses(reason string) {
	s.Helper()
	client, err := api.NewClient(s.url, nil)
	require.NoError(s, err)
	// The first write that needs room finds it.
	err = client.PutEpisode(s.Context(), episode.Episode{
		ID: historytest.IDAt(time.Now()), State: episode.Done, Opened: time.Now(),
		Alert: episode.Alert{Rule: "large", Summary: strings.Repeat("x", 500<<10)},
	})
	require.ErrorContains(s, err, reason)
	status, text := s.ask(s.T, http.MethodGet, "/-/ready", nil)
	require.Equal(s, http.StatusServiceUnavailable, status)
	require.Contains(s, text, reason)
	require.Contains(s, text, "(make room on the volume of the history, or mount it for writing; a restart is not necessary)")
	status, text = s.ask(s.T, http.MethodGet, "/-/healthy", nil)
	require.Equal(s, http.StatusOK, status, text)
	require.True(s, s.metric("flink_sidecar_history_writable 0"))
	_, text = s.ask(s.T, http.MethodGet, "/", nil)
	require.Contains(s, text, "The history cannot be written")
}

// recovers requires that everything goes on by itself.
func (s *stand) recovers() {
	s.Helper()
	s.until("it is ready again", func() bool {
		status, _ := s.ask(s.T, http.MethodGet, "/-/ready", nil)
		return status == http.StatusOK
	})
	require.True(s, s.metric("flink_sidecar_history_writable 1"))
	deliver(s.T, "Lag", s.member)
	s.only("the episode is done", func(ep episode.Episode) bool { return ep.State == episode.Done })
	s.terminateAfterFaults()
	require.Equal(s, 1, strings.Count(s.stderr.String(), "History cannot be written"), s.stderr)
	require.Equal(s, 1, strings.Count(s.stderr.String(), "History is written again"), s.stderr)
}

func (s *stand) terminateAfterFaults() {
	s.Helper()
	require.NoError(s, s.cmd.Process.Signal(unix.SIGTERM))
	require.NoError(s, s.cmd.Wait(), s.stderr)
}

// TestAFullVolume fills a real file system under the history, and makes room again.
func TestAFullVolume(t *testing.T) {
	t.Parallel()
	dir, permitted := mounted(t)
	if !permitted {
		t.Skip("needs the right to mount; TestALimitOfFileSizes shows the same")
	}
	s := newStand(t, "profiling: {duration: 1s}\n")
	s.onVolume(dir)
	s.start()
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	require.NoError(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	require.ErrorIs(t, err, unix.ENOSPC)
	require.NoError(t, f.Close())
	require.Equal(t, check.Failed, s.examine().State, "doctor sees it before the first write")
	s.refuses("no space left on device")
	require.NoError(t, os.Remove(filler))
	require.Equal(t, check.OK, s.examine().State)
	s.recovers()
}

// TestALimitOfFileSizes makes the kernel refuse each write of the process, and take them again.
func TestALimitOfFileSizes(t *testing.T) {
	t.Parallel()
	s := newStand(t, "profiling: {duration: 1s}\n")
	s.start()
	var before unix.Rlimit
	require.NoError(t, unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: unix.RLIM_INFINITY}, &before))
	s.refuses("file too large")
	status, text := s.ask(t, http.MethodPost, "/alertmanager/webhook", firing("Lag"))
	require.Equal(t, http.StatusServiceUnavailable, status, text) // Alertmanager sends it again
	require.NoError(t, unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &before, nil))
	s.recovers()
}

// TestAReadOnlyVolume starts on a volume that cannot be written: the history is in memory, and
// everything says so.
func TestAReadOnlyVolume(t *testing.T) {
	t.Parallel()
	dir, permitted := mounted(t)
	if !permitted {
		t.Skip("needs the right to mount; TestUnwritablePathIsMemory of internal/history shows the history's part")
	}
	require.NoError(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	s := newStand(t, "")
	s.onVolume(dir)
	found := s.examine()
	require.Equal(t, check.Failed, found.State)
	require.Contains(t, found.Says, "read-only file system: the history cannot be written (make room on the volume, or mount it")
	a, err := New(t.Context(), s.config(), Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	memory, reason := a.store.Memory()
	require.True(t, memory)
	require.Contains(t, reason, "read-only file system (make "+filepath.Join(dir, "history.db")+" writable")
	require.Equal(t, api.ModeMemory, a.status().History.Mode)
}

func (s *stand) config() config.Config {
	s.Helper()
	cfg, err := config.Load(s.file, config.Overrides{})
	require.NoError(s, err)
	cfg.Web.ListenAddress = "127.0.0.1:0"
	return cfg
}
