package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

func TestWhichJobsAreSpared(t *testing.T) {
	now := time.Now()
	job := func(uptime float64, last, failed time.Duration) collector.Job {
		j := collector.Job{Name: "orders", Life: collector.Life{Uptime: &uptime}, Checkpoints: &collector.Checkpoints{}}
		if last > 0 {
			j.Checkpoints.Last = &collector.Checkpoint{ID: 6, Finished: now.Add(-last), Age: last}
		}
		if failed > 0 {
			j.Checkpoints.LastFailed = &collector.FailedCheckpoint{ID: 7, Failed: now.Add(-failed), Age: failed}
		}
		return j
	}
	require.EqualError(t, spare(job(20, 0, 0)), "profiling: orders: the job is not settled: it has run for 20 s (wait until it is, or take one by hand)")
	require.EqualError(t, spare(job(600, 2*time.Minute, time.Minute)),
		"profiling: orders: the job is not settled: checkpoint 7 failed 1m0s ago, and none was completed since (wait until it is, or take one by hand)")
	require.NotNil(t, spare(job(600, 0, time.Minute)))
	for name, settled := range map[string]collector.Job{
		"runs":                    job(600, time.Minute, 0),
		"completed one since":     job(600, time.Second, time.Minute),
		"failed one long ago":     job(600, 0, 6*time.Minute),
		"nothing is known of it":  {},
		"takes no checkpoints":    {Checkpoints: nil},
		"none was completed ever": job(600, 0, 0),
	} {
		require.Nil(t, spare(settled), name)
	}
}

// carefully is a cluster, polled once, and who profiles it.
func carefully(t *testing.T, modes ...flame.Mode) (*flinktest.Server, *cluster, *profiles) {
	t.Helper()
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	log := slog.New(slog.DiscardHandler)
	c := &cluster{Collector: collector.New(collector.DefaultConfig(), client, log), flink: client}
	require.NoError(t, c.Poll(t.Context()))
	return server, c, &profiles{
		cfg: profiling.Config{Modes: modes}, clusters: clusters{c}, log: log, cost: newCost(),
		budget: profiling.NewBudget(12, 0, time.Now),
	}
}

func TestWallIsHeldBack(t *testing.T) {
	server, c, p := carefully(t, flame.ITIMER, flame.Wall)
	java := func(version string) {
		server.Answer("/jobmanager/environment", 200, `{"jvm": {"version": "`+version+`"}}`)
	}
	java("OpenJDK 64-Bit Server VM - Debian - 17/17.0.15+6")
	allowed, held := p.allowedModes(t.Context(), c)
	require.Equal(t, p.cfg.Modes, allowed)
	require.Zero(t, held)
	for _, version := range []string{"OpenJDK 64-Bit Server VM - Debian - 21/21.0.4+7", "a JVM"} {
		java(version)
		allowed, held = p.allowedModes(t.Context(), c)
		require.Equal(t, []flame.Mode{flame.ITIMER}, allowed)
		require.Equal(t, 1, held)
	}
	target := episode.Target{Why: "it is busy"}
	require.Equal(t, []flame.Mode{flame.ITIMER}, p.modes(t.Context(), c, episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI}, &target))
	require.Equal(t, []string{"ITIMER"}, target.Modes)
	require.Equal(t, "it is busy; WALL is held back (profiling.allow_wall)", target.Why)
	p.cfg.AllowWall = true
	allowed, _ = p.allowedModes(t.Context(), c)
	require.Len(t, allowed, 2)
}

// TestALossAfterARunLocksOut has one process go away within a minute of its profile,
// and one stay.
func TestALossAfterARunLocksOut(t *testing.T) {
	server, c, p := carefully(t, flame.ITIMER)
	tms := c.TaskManagers()
	for _, tm := range tms {
		p.lookAfter(episode.Target{Cluster: "eu", Job: "orders", Vertex: tm.ID, Process: tm.ID}, tm.ID, time.Now(), nil)
	}
	p.polled(c)
	require.Len(t, p.watched, 2)
	server.LoseTaskManager(tms[1].ID)
	require.NoError(t, c.Poll(t.Context()))
	p.polled(c)
	require.Len(t, p.watched, 1)
	orders := episode.JobRef{Cluster: "eu", Job: "orders"}
	require.NoError(t, p.budget.Spend(budgetKey(orders, tms[0].ID), 1))
	require.ErrorContains(t, p.budget.Spend(budgetKey(orders, tms[1].ID), 1), "a TaskManager was lost right after a profile of it")

	p.lookAfter(episode.Target{Cluster: "eu", Job: "orders", Vertex: "x"}, "tm-1", time.Now(), &profiling.Error{Outcome: profiling.Lost})
	require.Error(t, p.budget.Spend(budgetKey(orders, "x"), 1), "it was lost during the run")
	p.lookAfter(episode.Target{Cluster: "eu", Job: "orders", Vertex: "y"}, "tm-1", time.Now(), &profiling.Error{Outcome: profiling.Failed})
	require.NoError(t, p.budget.Spend(budgetKey(orders, "y"), 1))

	p.watched[0].until = time.Now().Add(-time.Second)
	p.polled(c)
	require.Empty(t, p.watched)
}
