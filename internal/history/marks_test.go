package history

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
)

// advised is an episode with findings.
func advised(n int, state episode.State, findings int) episode.Episode {
	e := newEpisode(n, "orders", state)
	e.Advice = &episode.Advice{}
	for i := range findings {
		e.Advice.Findings = append(e.Advice.Findings, episode.Finding{ID: findingOf(e, i+1), Rank: i + 1})
	}
	return e
}

func findingOf(e episode.Episode, n int) string { return e.ID + "-F" + string(rune('0'+n)) }

func putMark(t *testing.T, s *Store, e episode.Episode, m episode.Mark) (episode.Mark, bool) {
	t.Helper()
	stored, found, err := s.PutMark(e.ID, m)
	require.NoError(t, err)
	return stored, found
}

// TestMarks marks findings of an episode that is done and of one whose worker does not know of
// the mark.
func TestMarks(t *testing.T) {
	s := openNew(t)
	for i, state := range []episode.State{episode.Done, episode.Advising} {
		e := advised(i+1, state, 2)
		require.NoError(t, s.PutEpisode(e))
		first := episode.Mark{Finding: findingOf(e, 2), Decision: episode.Applied, At: minute(5), Note: "in 1.2"}
		stored, found := putMark(t, s, e, first)
		require.True(t, found)
		require.Equal(t, first, stored)

		again := first
		again.At = minute(6)
		stored, _ = putMark(t, s, e, again)
		require.Equal(t, minute(5), stored.At, "the same mark keeps its time")

		rejected := episode.Mark{Finding: findingOf(e, 1), Decision: episode.Rejected, At: minute(7)}
		putMark(t, s, e, rejected)
		changed := episode.Mark{Finding: findingOf(e, 2), Decision: episode.Rejected, At: minute(8)}
		putMark(t, s, e, changed)

		e.State = episode.Done
		require.NoError(t, s.PutEpisode(e), "the worker stores its own copy")
		want := []episode.Mark{rejected, changed}
		whole, ok, err := s.Episode(e.ID)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, whole.Marks)
		list, err := s.Episodes(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		require.Equal(t, want, list[0].Marks)
	}
}

func TestMarksOfNothing(t *testing.T) {
	s := openNew(t)
	e := advised(1, episode.Done, 1)
	require.NoError(t, s.PutEpisode(e))
	require.NoError(t, s.PutEpisode(newEpisode(2, "orders", episode.Done)))
	mark := episode.Mark{Finding: findingOf(e, 2), Decision: episode.Applied, At: minute(5)}
	for _, id := range []string{e.ID, idAt(2), idAt(70)} {
		_, found, err := s.PutMark(id, mark)
		require.NoError(t, err)
		require.False(t, found, id)
	}
	_, _, err := s.PutMark("x", mark)
	require.ErrorContains(t, err, "is not a ULID")
	whole, _, err := s.Episode(e.ID)
	require.NoError(t, err)
	require.Empty(t, whole.Marks)
}

// TestMarksInTheSummaryOfALargeEpisode: the marks of the findings that it has stay, with short
// notes.
func TestMarksInTheSummaryOfALargeEpisode(t *testing.T) {
	e := advised(1, episode.Done, 12)
	e.Advice.Warnings = []string{strings.Repeat("x", 2*kinds.MaxSummary)}
	for i := range e.Advice.Findings {
		e.Marks = append(e.Marks, episode.Mark{
			Finding: findingOf(e, 12-i), Decision: episode.Applied, Note: strings.Repeat("n", episode.MaxNote),
		})
	}
	short := kinds.SummaryOf(e)
	require.Len(t, short.Marks, kinds.SummaryFindings)
	require.Equal(t, findingOf(e, 1), short.Marks[0].Finding)
	require.Less(t, len(short.Marks[0].Note), episode.MaxNote)
	require.Len(t, e.Marks[0].Note, episode.MaxNote, "what it is made of stays as it was")
}
