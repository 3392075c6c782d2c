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

func triageAt(at time.Time, job string) episode.Triage {
	return episode.Triage{
		ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Cluster: "prod", Job: job,
		Figure: "cpu_seconds_per_million", Changed: at.UTC(), ChangePercent: 20, State: episode.Positive, At: at.UTC(),
	}
}

func TestTriagesAreListedNewestFirst(t *testing.T) {
	s := openNew(t)
	now := s.Now()
	first, second := triageAt(now.Add(-time.Hour), "orders"), triageAt(now, "orders")
	for _, one := range []episode.Triage{first, second, triageAt(now.Add(-time.Minute), "billing")} {
		require.NoError(t, s.PutTriage(one))
	}
	second.State, second.Note = episode.Negative, "a test of the network"
	require.NoError(t, s.PutTriage(second), "a later triage replaces it")
	got, err := s.Triages(episode.JobRef{Cluster: "prod", Job: "orders"}, 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Triage{second, first}, got)

	s = reopen(t, s)
	got, err = s.Triages(episode.JobRef{}, 0)
	require.NoError(t, err)
	require.Len(t, got, 3)
}

func TestTriagesThatAreRefused(t *testing.T) {
	s := openNew(t)
	large := triageAt(s.Now(), "orders")
	large.Note = strings.Repeat("x", kinds.MaxTriage)
	require.ErrorContains(t, s.PutTriage(large), "store at most")
	require.ErrorContains(t, s.PutTriage(triageAt(s.Now().Add(2*time.Hour), "orders")), "future")
	wrong := triageAt(s.Now(), "orders")
	wrong.ID = "x"
	require.ErrorContains(t, s.PutTriage(wrong), "is not a ULID")
}

// TestTriagesAreKeptAsLongAsEpisodes: they say how precise the detector is.
func TestTriagesAreKeptAsLongAsEpisodes(t *testing.T) {
	s := openNew(t)
	require.NoError(t, s.PutTriage(triageAt(s.Now().Add(-3*s.retention), "orders")))
	require.NoError(t, s.PutTriage(triageAt(s.Now().Add(-5*s.retention), "orders")))
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, dropped)
}
