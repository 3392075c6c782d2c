package history

import (
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
)

func evaluationAt(at time.Time, job string) episode.Evaluation {
	return episode.Evaluation{ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Cluster: "prod", Job: job, Label: "nightly", Began: at.UTC(), Accepted: true}
}

func TestEvaluationsAreListedNewestFirst(t *testing.T) {
	s := open(t, t.TempDir()+"/history.db")
	now := s.Now()
	first, second := evaluationAt(now.Add(-time.Hour), "orders"), evaluationAt(now, "orders")
	for _, e := range []episode.Evaluation{first, second, evaluationAt(now.Add(-time.Minute), "billing")} {
		require.NoError(t, s.PutEvaluation(e))
	}
	second.Accepted = false
	require.NoError(t, s.PutEvaluation(second))

	got, err := s.Evaluations(episode.JobRef{Cluster: "prod", Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Evaluation{second, first}, got)
	got, err = s.Evaluations(episode.JobRef{}, second.ID, 1)
	require.NoError(t, err)
	require.Equal(t, "billing", got[0].Job)

	large := evaluationAt(now, "orders")
	large.Notes = []string{strings.Repeat("x", kinds.MaxEvaluation)}
	require.ErrorContains(t, s.PutEvaluation(large), "store at most")
	require.ErrorContains(t, s.PutEvaluation(evaluationAt(now.Add(2*time.Hour), "orders")), "future")
}

// TestEvaluationsAreKeptAsLongAsEpisodes: they are what later ones are compared with.
func TestEvaluationsAreKeptAsLongAsEpisodes(t *testing.T) {
	s := open(t, t.TempDir()+"/history.db")
	now := s.Now()
	require.NoError(t, s.PutEvaluation(evaluationAt(now.Add(-3*s.retention), "orders")))
	require.NoError(t, s.PutEvaluation(evaluationAt(now.Add(-5*s.retention), "orders")))
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, dropped)
}
