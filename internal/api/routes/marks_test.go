package routes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// marking is a sidecar with one episode, whose findings have whole ids.
func marking(t *testing.T) (s *sidecar, finding string) {
	t.Helper()
	s = newSidecar(t, nil)
	e := fullEpisode(1)
	e.Marks = nil
	finding = e.Advice.Findings[0].ID
	require.NoError(t, s.store.PutEpisode(e))
	return s, finding
}

func TestMark(t *testing.T) {
	s, finding := marking(t)
	before := time.Now()
	mark, err := s.client.Mark(t.Context(), api.MarkRequest{Finding: finding, Decision: episode.Applied, Note: "in 1.2 ✓"})
	require.NoError(t, err)
	require.Equal(t, episode.Mark{Finding: finding, Decision: episode.Applied, At: mark.At, Note: "in 1.2 ✓"}, mark)
	require.WithinRange(t, mark.At, before, time.Now())
	e, _, err := s.client.Episode(t.Context(), idAt(1))
	require.NoError(t, err)
	require.Equal(t, []episode.Mark{mark}, e.Marks)
	list, err := s.client.Episodes(t.Context(), episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Mark{mark}, list.Episodes[0].Marks)
}

func TestMarksThatAreRefused(t *testing.T) {
	s, finding := marking(t)
	for name, c := range map[string]struct {
		request api.MarkRequest
		status  int
		says    string
	}{
		"decision":     {api.MarkRequest{Finding: finding, Decision: "done"}, 400, `decision: "done" is neither "applied" nor`},
		"no decision":  {api.MarkRequest{Finding: finding}, 400, `decision: ""`},
		"of files":     {api.MarkRequest{Finding: "F1", Decision: episode.Applied}, 400, `"F1" is not the id of an episode's`},
		"no episode":   {api.MarkRequest{Finding: "x-F1", Decision: episode.Applied}, 400, "is not the id of an episode's"},
		"episode only": {api.MarkRequest{Finding: idAt(1), Decision: episode.Applied}, 400, "is not the id of an episode's"},
		"missing":      {api.MarkRequest{Finding: idAt(1) + "-F9", Decision: episode.Applied}, 404, "there is no finding"},
		"elsewhere":    {api.MarkRequest{Finding: idAt(9) + "-F1", Decision: episode.Applied}, 404, "history list the episodes"},
		"long note": {
			api.MarkRequest{Finding: finding, Decision: episode.Applied, Note: strings.Repeat("x", episode.MaxNote+1)},
			400, "write at most 500",
		},
		"two lines": {api.MarkRequest{Finding: finding, Decision: episode.Applied, Note: "a\nb"}, 400, "write one line"},
	} {
		_, err := s.client.Mark(t.Context(), c.request)
		require.ErrorContains(t, err, c.says, name)
		var answer *api.Error
		require.ErrorAs(t, err, &answer, name)
		require.Equal(t, c.status, answer.Status, name)
	}
	e, _, err := s.store.Episode(idAt(1))
	require.NoError(t, err)
	require.Empty(t, e.Marks)
	status, _, _ := newSidecar(t, func(s *routes.Sources) { s.Marks = nil }).ask(t, "POST", "/api/v1/history/mark",
		`{"finding":"`+finding+`","decision":"applied"}`)
	require.Equal(t, http.StatusServiceUnavailable, status)
}

// TestPostedEpisodesHaveValidMarks: a mark that history/mark refuses comes in no other way.
func TestPostedEpisodesHaveValidMarks(t *testing.T) {
	s := newSidecar(t, nil)
	for says, change := range map[string]func(*episode.Mark){
		"decision: ":                  func(m *episode.Mark) { m.Decision = "maybe" },
		"note: ":                      func(m *episode.Mark) { m.Note = "\x1b[31m" },
		"marks.at: 2999-01-01T00:00:": func(m *episode.Mark) { m.At = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		e := fullEpisode(1)
		change(&e.Marks[0])
		require.ErrorContains(t, s.client.PutEpisode(t.Context(), e), says)
	}
}
