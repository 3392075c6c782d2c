package alerts

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestAlertsGoOnAfterARestart starts anew while an alert fires: it is submitted again with the same
// start, is no second firing, and ends by what the new process sees.
func TestAlertsGoOnAfterARestart(t *testing.T) {
	before := newWatch(t, demo, ordersSize)
	var kept []episode.FiringTrend
	before.trends.OnFiring = func(firing []episode.FiringTrend) { kept = firing }
	fired := before.until(2*time.Minute, before.growth(40*mib, 8*mib, mib))
	require.Len(t, fired, 1)
	before.trends.keepFiring()
	require.Len(t, kept, 1)
	stored, err := json.Marshal(kept)
	require.NoError(t, err)

	after := newWatch(t, demo, ordersSize)
	after.now, after.polls = before.now.Add(time.Minute), before.polls
	var earlier []episode.FiringTrend
	require.NoError(t, json.Unmarshal(stored, &earlier))
	after.trends.RestoreScores(before.trends.Scores())
	after.trends.RestoreFiring(earlier)
	require.Equal(t, 1, after.trends.scores.of("checkpoint-size").Open())
	again := after.until(40*time.Second, after.growth(40*mib, 8*mib, mib))
	require.Len(t, again, 1, "Alertmanager forgets what nobody repeats")
	require.Equal(t, fired[0].Fingerprint, again[0].Fingerprint)
	require.True(t, fired[0].StartsAt.Equal(again[0].StartsAt))
	require.False(t, again[0].Resolved())
	require.Equal(t, snapshot.TrendFiring, after.trend().State)

	over := after.until(10*time.Minute, after.growth(100*mib, 0, mib))
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Equal(t, 1, after.trends.scores.of("checkpoint-size").Fired)
	after.trends.OnFiring = func(firing []episode.FiringTrend) { kept = firing }
	after.trends.keepFiring()
	require.Empty(t, kept)
}

func TestAlertOfARuleThatIsGoneEndsAtTheStart(t *testing.T) {
	trends := NewTrends(configured(t, demo), discard())
	trends.RestoreFiring([]episode.FiringTrend{{Alert: episode.Alert{Rule: "mine", Fingerprint: "1", StartsAt: began}}})
	over := trends.Tick(began)
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Empty(t, trends.All())
	var kept []episode.FiringTrend
	trends.OnFiring = func(firing []episode.FiringTrend) { kept = firing }
	trends.keepFiring()
	require.NotNil(t, kept, "the next process does not end it again")
	require.Empty(t, kept)
}
