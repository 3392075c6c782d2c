package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// profiledHistory is the path of a history with two epochs and three stored profiles of each. In
// the second one Regex.match has four times the samples.
func profiledHistory(t *testing.T) string {
	t.Helper()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	pages := &pagestore.Store{Dir: pagestore.DirBeside(cfg.Path)}
	began := time.Now().UTC().Add(-10 * time.Hour)
	for n, key := range []string{"aaaa1", "bbbb2"} {
		at := began.Add(time.Duration(n) * time.Hour)
		_, err := store.PutEpoch(episode.Epoch{Key: key, Cluster: "prod", Job: "orders", Began: at})
		require.NoError(t, err)
		for i := range 3 {
			page := workPage(i, 300*(1+3*n))
			require.NoError(t, pages.Put(page))
			taken := at.Add(time.Duration(i+1) * time.Minute)
			require.NoError(t, store.PutEpisode(episode.Episode{
				ID: ulid.MustNew(ulid.Timestamp(taken), ulid.DefaultEntropy()).String(), State: episode.Done, Opened: taken,
				Alert: episode.Alert{Rule: "asked", Cluster: "prod", Job: "orders"}, EpochKey: key,
				Target:   &episode.Target{VertexName: "Map"},
				Profiles: []episode.Profile{{Mode: "ITIMER", Grade: "good", Taken: taken, Hash: pagestore.HashOf(page)}},
			}))
		}
	}
	require.NoError(t, store.Close())
	return cfg.Path
}

// workPage are the collapsed stacks of a task that matches with a regex.
func workPage(salt, match int) []byte {
	const task = "java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;com/acme/Job."
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "%smethod%02d %d\n", task, i, 100+5*i+3*salt)
	}
	fmt.Fprintf(&b, "%smap;com/acme/Regex.match %d\n", task, match+salt)
	return []byte(b.String())
}

// TestFramesOfEpochs compares two epochs, from the file and through a running sidecar.
func TestFramesOfEpochs(t *testing.T) {
	t.Parallel()
	path := profiledHistory(t)
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems output
		args = append([]string{"history", "frames", "--history.path=" + path}, args...)
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}
	for format, says := range map[string]string{"text": "grown", "markdown": "| `com/acme/Regex.match` |"} {
		code, stdout, stderr := ask("--format=" + format)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stdout, "Frames of job orders, epoch aaaa1 since ")
		require.Contains(t, stdout, says)
		require.Contains(t, stdout, "com/acme/Regex.match")
	}
	code, _, stderr := ask("--from=nothing")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `there is no epoch "nothing"`)

	startSidecarOn(t, path, "--flink.url=http://127.0.0.1:1")
	code, stdout, stderr := ask("--from=aaaa", "--to=bbbb", "--format=json")
	require.Equal(t, exitFine, code, stderr)
	var frames api.EpochFrames
	require.NoError(t, json.Unmarshal([]byte(stdout), &frames))
	require.Equal(t, "com/acme/Regex.match", frames.Comparison.Frames[0].Name)
	require.Equal(t, 3, frames.Comparison.New.Profiles)
}
