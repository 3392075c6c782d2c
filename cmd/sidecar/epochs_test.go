package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// epochs waits until history holds at least n.
func (sc runningSidecar) epochs(t *testing.T, n int) []episode.Epoch {
	t.Helper()
	var list api.EpochList
	require.Eventually(t, func() bool {
		_, body := sc.get(t, "/api/v1/epochs")
		require.NoError(t, json.Unmarshal([]byte(body), &list))
		return len(list.Epochs) >= n
	}, 10*time.Second, 20*time.Millisecond)
	return list.Epochs
}

// TestEpochsOverARestart has the sidecar stopped while the job is changed, and
// while it is not.
func TestEpochsOverARestart(t *testing.T) {
	t.Parallel()
	flink := flinktest.New(t, flinktest.Flink23)
	path := filepath.Join(t.TempDir(), "history.db")
	var first episode.Epoch
	t.Run("first", func(t *testing.T) {
		first = startSidecarOn(t, path, "--flink.url="+flink.URL).epochs(t, 1)[0]
		require.Empty(t, first.Changes)
		require.NotEmpty(t, first.Settings)
	})
	t.Run("the same", func(t *testing.T) {
		sc := startSidecarOn(t, path, "--flink.url="+flink.URL)
		require.Eventually(t, func() bool {
			_, page := sc.get(t, "/metrics")
			return epochOf(page) == first.Key
		}, 10*time.Second, 20*time.Millisecond)
		require.Len(t, sc.epochs(t, 1), 1)
	})
	flink.Resize(8, 2)
	flink.SetVersion("2.3.1")
	t.Run("changed", func(t *testing.T) {
		sc := startSidecarOn(t, path, "--flink.url="+flink.URL)
		last := sc.epochs(t, 2)[0]
		require.Equal(t, "flink 2.3.0 → 2.3.1, parallelism 4 → 8", last.Describe())
		require.Eventually(t, func() bool {
			_, body := sc.get(t, "/api/v1/episodes")
			var list api.EpisodeList
			require.NoError(t, json.Unmarshal([]byte(body), &list))
			return len(list.Episodes) > 0 && list.Episodes[0].Alert.Summary == last.Describe()
		}, 10*time.Second, 20*time.Millisecond)
	})
}

var jobInfo = regexp.MustCompile(`flink_job_info\{[^}]*epoch="([0-9a-f]*)"`)

// epochOf finds the epoch of the only job on a page.
func epochOf(page string) string {
	m := jobInfo.FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return m[1]
}
