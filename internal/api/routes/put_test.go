package routes_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestAnEpisodeOfTheLoopIsNotWrittenFromOutside posts back what a GET of an unfinished
// episode answered, as done.
func TestAnEpisodeOfTheLoopIsNotWrittenFromOutside(t *testing.T) {
	for _, state := range []episode.State{
		episode.Opened, episode.Profiling, episode.Measuring, episode.Advising,
		episode.Announcing,
	} {
		t.Run(string(state), func(t *testing.T) {
			s := newSidecar(t, nil)
			own := fullEpisode(1)
			own.State = state
			require.NoError(t, s.store.PutEpisode(own))
			_, answer, _ := s.ask(t, "GET", "/api/v1/episodes/"+own.ID, "")
			var back map[string]any
			decode(t, answer, &back)
			back["state"] = "done"
			body, err := json.Marshal(back)
			require.NoError(t, err)
			status, answer, _ := s.ask(t, "POST", "/api/v1/episodes", string(body))
			require.Equal(t, http.StatusConflict, status, answer)
			require.Contains(t, answer, "is "+string(state)+" and belongs to this sidecar (wait for its end")
			stored, _, err := s.store.Episode(own.ID)
			require.NoError(t, err)
			require.Equal(t, state, stored.State)
		})
	}
}

func TestEpisodesFromTheFutureAreRefused(t *testing.T) {
	future := time.Now().Add(time.Hour)
	for name, change := range map[string]func(*episode.Episode){
		"id":              func(e *episode.Episode) { e.ID = ulid.MustNew(ulid.Timestamp(future), nil).String() },
		"opened":          func(e *episode.Episode) { e.Opened = future },
		"finished":        func(e *episode.Episode) { e.Finished = future },
		"concluded":       func(e *episode.Episode) { e.Concluded = future },
		"alert.starts_at": func(e *episode.Episode) { e.Alert.StartsAt = future },
		"profiles.taken":  func(e *episode.Episode) { e.Profiles[0].Taken = future },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSidecar(t, nil)
			e := fullEpisode(1)
			change(&e)
			require.ErrorContains(t, s.client.PutEpisode(t.Context(), e), name+": ")
			require.ErrorContains(t, s.client.PutEpisode(t.Context(), e),
				"is in the future (correct the sender's clock)")
			_, found, err := s.store.Episode(e.ID)
			require.NoError(t, err)
			require.False(t, found)
		})
	}
}

// TestWhatCannotBeStoredIsTheSendersFault: Go reads the zone +24:00, and refuses to write it.
func TestWhatCannotBeStoredIsTheSendersFault(t *testing.T) {
	s := newSidecar(t, nil)
	body := `{"id":"` + idAt(1) + `","state":"done","opened":"2026-03-01T12:00:00+24:00"}`
	status, answer, _ := s.ask(t, "POST", "/api/v1/episodes", body)
	require.Equal(t, http.StatusBadRequest, status, answer)
	require.Contains(t, answer, "the episode cannot be stored")
}
