package trendfeed

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestSignalsBecomeTrends polls a cluster whose checkpoints grow, on its own clock, until
// the rule expects a breach.
func TestSignalsBecomeTrends(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { return now }
	server.SetNow(clock)

	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	c := collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	c.Now, c.Settle = clock, 0

	rules := alerts.DefaultConfig()
	rules.Window, rules.Settle, rules.For, rules.MinSamples = model.Duration(10*time.Minute), 0,
		model.Duration(time.Minute), 6
	rules.Rules = []alerts.RuleConfig{{Name: "checkpoint-size", Threshold: "64MiB"}}
	trends := alerts.NewTrends(rules, slog.New(slog.DiscardHandler))
	c.OnPoll = New(c, trends, slog.New(slog.DiscardHandler)).Offer

	fired := ""
	for i := range 8 {
		server.Edit("/jobs/"+server.JobID+"/checkpoints", func(doc map[string]any) {
			last := doc["latest"].(map[string]any)["completed"].(map[string]any)
			last["id"], last["state_size"] = i, (1+i)<<20
			last["latest_ack_timestamp"] = now.Add(-time.Second).UnixMilli()
		})
		require.NoError(t, c.Poll(t.Context()))
		if i == 0 {
			require.NoError(t, c.Poll(t.Context()), "a second look at the same checkpoint is no second sample")
		}
		for _, alert := range trends.Tick(now) {
			fired = alert.Rule + " of " + alert.Job
		}
		now = now.Add(30 * time.Second)
	}
	require.Equal(t, "checkpoint-size of "+flinktest.JobName, fired)

	byRule := map[string]snapshot.Trend{}
	for _, trend := range trends.All() {
		byRule[trend.Rule] = trend
	}
	size := byRule["checkpoint-size"]
	require.Equal(t, 8, size.Samples)
	require.InDelta(t, 1<<20/30.0, *size.Slope, 1)
	require.InDelta(t, *size.Slope, *size.SlopeLow, 1, "there is no noise")
	require.Equal(t, 8, byRule["checkpoint-duration"].Samples)
	require.Contains(t, byRule, "heap-after-gc")

	// A checkpoint that does not end counts with the time that it has run so far.
	server.Edit("/jobs/"+server.JobID+"/checkpoints", func(doc map[string]any) {
		doc["history"] = []any{map[string]any{
			"id": 99, "status": "IN_PROGRESS", "trigger_timestamp": int64(1795374367864), // 155 s before its now
		}}
	})
	require.NoError(t, c.Poll(t.Context()))
	trends.Tick(now)
	for _, trend := range trends.All() {
		if trend.Rule == "checkpoint-duration" {
			require.Equal(t, snapshot.TrendAbove, trend.State)
			require.True(t, trend.AtLeast)
			require.GreaterOrEqual(t, *trend.Level, 155.0)
		}
	}

	server.ForgetJobs()
	require.NoError(t, c.Poll(t.Context()))
	trends.Tick(now)
	for _, trend := range trends.All() {
		if trend.Labels.Job != "" {
			require.ErrorContains(t, trend.Unknown, "it is not listed by Flink")
		}
	}
}

func TestRunsAreOneAttempt(t *testing.T) {
	t.Parallel()
	require.Empty(t, runOf(snapshot.Job{ID: "j"}), "how often it restarted is not known: nothing is cut")
	restarts := 2.0
	require.Equal(t, "j/2", runOf(snapshot.Job{
		ID: "j", Lifecycle: snapshot.Lifecycle{Restarts: &restarts},
		Started: time.Unix(1, 0),
	}))
}
