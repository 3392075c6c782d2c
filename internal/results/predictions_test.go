package results

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// TestOutcomesOfAdvice goes from advice and a mark over measurements to an outcome that is
// stored once and counted.
func TestOutcomesOfAdvice(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC().Truncate(time.Hour)
	const block = 10 * time.Minute
	changed := now.Add(-12 * block)
	ep := advisedAt(t, store, changed.Add(-time.Hour))
	for i, key := range []string{"old", "new"} {
		_, err := store.PutEpoch(episode.Epoch{
			Key: key, Cluster: "prod", Job: "orders", Began: changed.Add(time.Duration(i-1) * 40 * block),
			Changes: []episode.Change{{What: "plan"}}[:i],
		})
		require.NoError(t, err)
	}
	var measured []episode.Measurement
	for began := changed.Add(-20 * block); began.Before(now); began = began.Add(block / 2) {
		key, capacity := "old", 1000.0
		if !began.Before(changed) {
			key, capacity = "new", 1300
		}
		capacity *= 1 + 0.02*math.Sin(float64(began.Unix()))
		measured = append(measured, episode.Measurement{
			ID: historytest.IDAt(began), Kind: episode.KindWindow, Cluster: "prod", Job: "orders", EpochKey: key, Began: began,
			Ended: began.Add(block / 2), Throughput: new(100.0), Capacity: &capacity,
		})
	}
	require.NoError(t, store.PutMeasurement(measured...))

	p := &Predictions{
		store: store, block: block, log: slog.New(slog.DiscardHandler), looked: map[string]time.Time{},
		now: func() time.Time { return now },
	}
	require.Zero(t, testutil.CollectAndCount(p))
	require.NoError(t, p.measureAll(t.Context()))
	require.Zero(t, testutil.CollectAndCount(p), "nobody applied it")
	_, found, err := store.PutMark(ep.ID, episode.Mark{Finding: ep.ID + "-F1", Decision: episode.Applied, At: changed})
	require.NoError(t, err)
	require.True(t, found)

	require.NoError(t, p.measureAll(t.Context()))
	stored, _, err := store.Episode(ep.ID)
	require.NoError(t, err)
	require.Len(t, stored.Outcomes, 1)
	o := stored.Outcomes[0]
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	require.True(t, o.Final)
	require.InDelta(t, 30, *o.Change, 3)
	require.NoError(t, testutil.CollectAndCompare(p, strings.NewReader(`
# HELP flink_sidecar_prediction_outcomes Findings of the newest 1,000 episodes by what came of them. Only hit is a success; unmeasurable and unattributed say nothing of the finding.
# TYPE flink_sidecar_prediction_outcomes gauge
flink_sidecar_prediction_outcomes{category="gc-pressure",result="hit",source="rule:heap"} 1
`), "flink_sidecar_prediction_outcomes"))
	require.Equal(t, 3, testutil.CollectAndCount(p))
	findings := []episode.Finding{{Category: "gc-pressure", Source: "rule:heap", Confidence: 0.5}, {Confidence: 0.5}}
	p.Weigh(findings)
	require.InDelta(t, 6./11, findings[0].Confidence, 1e-9)
	require.InDelta(t, 0.5, findings[1].Confidence, 1e-9)
	require.NoError(t, p.measureAll(t.Context()))
	again, _, err := store.Episode(ep.ID)
	require.NoError(t, err)
	require.Equal(t, stored, again)
}

// TestLaterAdviceOfAKindReplacesEarlierAdvice: the same advice in two episodes is one prediction.
func TestLaterAdviceOfAKindReplacesEarlierAdvice(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC()
	first, second := advisedAt(t, store, now.Add(-3*time.Hour)), advisedAt(t, store, now.Add(-2*time.Hour))
	for i, key := range []string{"old", "new"} {
		_, err := store.PutEpoch(episode.Epoch{
			Key: key, Cluster: "prod", Job: "orders", Began: now.Add(time.Duration(10*i-11) * time.Hour),
			Changes: []episode.Change{{What: "cluster taskmanager.memory.size"}}[:i],
		})
		require.NoError(t, err)
	}
	p := &Predictions{store: store, block: time.Minute, log: slog.New(slog.DiscardHandler), now: time.Now, looked: map[string]time.Time{}}
	require.NoError(t, p.measureAll(t.Context()))
	for id, want := range map[string]int{first.ID: 0, second.ID: 1} {
		ep, _, err := store.Episode(id)
		require.NoError(t, err)
		require.Len(t, ep.Outcomes, want)
	}
}

// advisedAt stores an episode with a finding.
func advisedAt(t *testing.T, store *history.Store, at time.Time) episode.Episode {
	t.Helper()
	id := ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
	ep := episode.Episode{
		ID: id, State: episode.Done, Opened: at, EpochKey: "old",
		Alert: episode.Alert{Rule: "asked", Source: episode.FromCLI, Cluster: "prod", Job: "orders"},
		Advice: &episode.Advice{Findings: []episode.Finding{{
			ID: id + "-F1", Category: "gc-pressure", Source: "rule:heap", Change: "Raise taskmanager.memory.size.",
			Impact: &episode.Impact{LowPercent: 10, HighPercent: 50},
		}}},
	}
	require.NoError(t, store.PutEpisode(ep))
	return ep
}
