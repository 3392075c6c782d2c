package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// TestDiffOfAnEpisode has three episodes of a job before a change and one after it.
func TestDiffOfAnEpisode(t *testing.T) {
	t.Parallel()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	pages := &pagestore.Store{Dir: pagestore.DirBeside(cfg.Path)}
	hash := func(file string) string {
		text, err := os.ReadFile(flames + file)
		require.NoError(t, err)
		require.NoError(t, pages.Put(text))
		return pagestore.HashOf(text)
	}
	id := func(letter string) string { return "01KBRSV6J0" + strings.Repeat("0", 15) + letter }
	put := func(letter, epoch, vertex string, profiles ...episode.Profile) {
		require.NoError(t, store.PutEpisode(episode.Episode{
			ID: id(letter), State: episode.Done, Opened: time.Unix(1795374520, 0), EpochKey: epoch, Profiles: profiles,
			Alert:  episode.Alert{Rule: "lag", Job: "orders", Cluster: "eu", Source: episode.FromTrend},
			Target: &episode.Target{Vertex: vertex, Process: "tm1"},
		}))
	}
	old, now := hash("flink-1.20.5-tm-ITIMER.html"), hash("flink-2.3.0-tm-ITIMER.html")
	itimer := func(id, hash, grade string) episode.Profile {
		return episode.Profile{ID: id, Mode: "ITIMER", Process: "tm1", Hash: hash, Grade: grade}
	}
	control := itimer("C", old, "good")
	control.Role = episode.Control
	put("A", "before", "v", itimer("A", old, "good"), control)
	put("B", "before", "v", itimer("B", old, "poor"))
	put("C", "before", "other", itimer("X", old, "good"))
	put("D", "after", "v", episode.Profile{ID: "V", Mode: "VERTEX", Hash: old}, itimer("D", now, "good"))
	put("E", "after", "v", itimer("E", now, "good"))
	put("F", "after", "v")
	require.NoError(t, store.Close())
	ask := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"profile", "diff", "--history.path=" + cfg.Path}, args...), &stdout,
			&stderr)
		return code, stdout.String(), stderr.String()
	}

	code, out, stderr := ask("--episode=" + id("E"))
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, out, "base A of tm1: ITIMER", "the last good one of the epoch before")
	require.Contains(t, out, "new  E of tm1: ITIMER")
	code, out, _ = ask("--episode="+id("A"), "--control")
	require.Equal(t, exitFine, code)
	require.Contains(t, out, "base C of tm1")

	for letter, want := range map[string]string{
		"A": "there is no good ITIMER profile of the same vertex from an epoch before that of episode " + id("A") +
			" (name two files instead)",
		"F": "episode " + id("F") + " has no profile of a process",
		"Z": "there is no episode " + id("Z"),
	} {
		code, _, stderr = ask("--episode=" + id(letter))
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, want)
	}
	code, _, stderr = ask("--episode="+id("E"), "--control")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "set profiling.control: true")
	for _, args := range [][]string{
		{},
		{"one.html"},
		{"--control", "a", "b"},
		{"--episode=" + id("E"), "a"},
		{"-", "-"},
	} {
		code, _, stderr = ask(args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, stderr)
	}
	require.NoError(t, os.RemoveAll(pages.Dir))
	code, _, stderr = ask("--episode=" + id("E"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "retention removed it, or it was lost")
}
