package advise

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestProfilesAreJudgedWithoutASidecar: the bundle has nothing but the profiles.
func TestProfilesAreJudgedWithoutASidecar(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "run_ITIMER_1.collapsed")
	require.NoError(t, os.WriteFile(file, []byte("java/lang/Thread.run;com/acme/Job.map 300\n"), 0o600))
	bundle, err := OfProfiles([]string{file, file})
	require.NoError(t, err)
	require.Len(t, bundle.Profiles, 2)
	require.Equal(t, file, bundle.Profiles[0].Name)
	require.Equal(t, "ITIMER", bundle.Profiles[0].Mode)
	judge, err := NewJudge(advisor.DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.Empty(t, judge.Advise(t.Context(), bundle).Findings)
	require.NotEmpty(t, judge.Prompt(t.Context(), bundle))
	_, err = OfProfiles([]string{file, file + ".none"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestADeclinedRequestSaysWhy and is not waited for.
func TestADeclinedRequestSaysWhy(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			t.Error("nothing is asked after that:", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(api.Receipt{Reason: "full"})
	}))
	t.Cleanup(server.Close)
	client, err := api.NewClient(server.URL, nil)
	require.NoError(t, err)
	_, err = Now(t.Context(), client, episode.JobRef{}, func(string) {})
	require.EqualError(t, err, "no episode was opened: full")
}
