package routes_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestBriefLeavesOutEvidenceAndFrames(t *testing.T) {
	want := fullEpisode(1)
	want.Advice.Evidence, want.Profiles[0].Hot = []episode.Evidence{}, nil
	whole := fullEpisode(1)
	require.Equal(t, want, api.Brief(whole))
	require.Equal(t, fullEpisode(1), whole, "what it is made of stays as it was")

	require.Equal(t, episode.Episode{ID: idAt(2)}, api.Brief(episode.Episode{ID: idAt(2)}))
}

// An episode as large as they get is stored and read through the API, and is a
// small part of a listing.
func TestLargeEpisode(t *testing.T) {
	s := newSidecar(t, nil)
	large := fullEpisode(1)
	large.Advice.Evidence = slices.Repeat([]episode.Evidence{{
		ID: "E1", Kind: "metric",
		Subject: strings.Repeat("s", 160), Text: strings.Repeat("t", 400),
	}}, 500)
	large.Profiles[0].Hot = slices.Repeat([]episode.HotFrame{{Name: strings.Repeat("f", 4094), Self: 1, Total: 1}}, 20)
	large.Profiles = slices.Repeat(large.Profiles, 8)
	require.NoError(t, s.client.PutEpisode(t.Context(), large))

	e, _, err := s.client.Episode(t.Context(), large.ID)
	require.NoError(t, err)
	require.Equal(t, large, e)
	status, answer, _ := s.ask(t, "GET", "/api/v1/episodes", "")
	require.Equal(t, http.StatusOK, status)
	require.Less(t, len(answer), 8<<10)
}

func TestListsOfAdviceAreNeverNull(t *testing.T) {
	s := newSidecar(t, nil)
	body := `{"id":"` + idAt(1) + `","alert":{"rule":"r","source":"cli"},"state":"done","opened":"2026-03-01T12:00:00Z","advice":{"findings":[{"id":"F1"}]}}`
	status, answer, _ := s.ask(t, "POST", "/api/v1/episodes", body)
	require.Equal(t, http.StatusOK, status, answer)
	for _, path := range []string{"/api/v1/episodes", "/api/v1/episodes/" + idAt(1)} {
		_, answer, _ := s.ask(t, "GET", path, "")
		require.Contains(t, answer, `"evidence":[],"why"`, path)
		require.Contains(t, answer, `"evidence":[],"rejected":[],"observations":[],"warnings":[]`, path)
	}
	var e episode.Episode
	require.NoError(t, json.Unmarshal([]byte(body), &e))
	require.NoError(t, s.client.PutEpisode(t.Context(), e), "the same again")
}
