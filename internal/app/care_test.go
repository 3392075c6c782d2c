package app

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/pause"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

func TestWhichJobsAreSpared(t *testing.T) {
	now := time.Now()
	job := func(uptime float64, last, failed time.Duration) snapshot.Job {
		j := snapshot.Job{Name: "orders", Lifecycle: snapshot.Lifecycle{Uptime: &uptime}, Checkpoints: &snapshot.Checkpoints{}}
		if last > 0 {
			j.Checkpoints.Last = &snapshot.Checkpoint{ID: 6, Finished: now.Add(-last), Age: last}
		}
		if failed > 0 {
			j.Checkpoints.LastFailed = &snapshot.FailedCheckpoint{ID: 7, Failed: now.Add(-failed), Age: failed}
		}
		return j
	}
	thrice := job(600, 2*time.Minute, time.Minute)
	thrice.Checkpoints.LastFailed.ID = 9
	require.EqualError(t, spare(thrice),
		"profiling: orders: the job's checkpoints are in trouble: 3 failed in a row, the last 1m0s ago (see its checkpoints in Flink's UI, or take one by hand)")
	never := job(600, 0, time.Minute)
	never.Checkpoints.Failed = 2
	require.ErrorContains(t, spare(never), "2 failed in a row, the last 1m0s ago")
	require.EqualError(t, spare(snapshot.Job{Name: "orders", Known: true, State: "RESTARTING"}),
		"profiling: orders: the job does no work: it is RESTARTING (ask again when it runs)")
	restarted := job(20, 0, 0)
	restarted.Restarts = new(2.0)
	require.EqualError(t, spare(restarted), "profiling: orders: the job has just restarted: it has run again for 20 s (wait for a minute, or take one by hand)")
	again := job(61, 0, 0)
	again.Restarts = new(2.0)
	for name, settled := range map[string]snapshot.Job{
		"runs":                    job(600, time.Minute, 0),
		"has just started":        job(5, 0, 0),
		"restarted long ago":      again,
		"failed one":              job(600, 2*time.Minute, time.Minute),
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
	store, err := history.Open(t.Context(), history.Config{Path: filepath.Join(t.TempDir(), "h.db"), Retention: history.DefaultConfig().Retention}, log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return server, c, &profiles{
		cfg: profiling.Config{Modes: modes}, clusters: clusters{c}, log: log, cost: newCost(), work: newWorkMetrics(), history: store,
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

// TestNotEvenAPersonHasAJobProfiledThatDoesNotRun asks for one that restarts.
func TestNotEvenAPersonHasAJobProfiledThatDoesNotRun(t *testing.T) {
	server, c, p := carefully(t, flame.ITIMER)
	var err error
	p.brake, err = pause.New(p.history, nil)
	require.NoError(t, err)
	c.profiler = profiling.New(c.flink, &pagestore.Store{Dir: t.TempDir()}, p.log)
	p.cfg.OnAlert = true
	server.SetJobState("RESTARTING")
	require.NoError(t, c.Poll(t.Context()))
	for _, alert := range []episode.Alert{
		{Rule: episode.RuleAsked, Source: episode.FromCLI, Cluster: "eu", Job: flinktest.JobName},
		{Rule: "lag", Source: episode.FromAlertmanager, Cluster: "eu", Job: flinktest.JobName},
	} {
		_, err := p.Aim(t.Context(), alert)
		require.EqualError(t, err, "profiling: "+flinktest.JobName+": the job does no work: it is RESTARTING (ask again when it runs)")
	}
	require.InDelta(t, 2, counted(t, c.profiler, "ITIMER", profiling.NotRunning), 0)
}

// counted is what flink_sidecar_profiles_total says.
func counted(t *testing.T, profiler *profiling.Profiler, mode string, result profiling.Outcome) float64 {
	t.Helper()
	text, err := testutil.CollectAndFormat(profiler, expfmt.TypeTextPlain, "flink_sidecar_profiles_total")
	require.NoError(t, err)
	var n float64
	_, after, found := strings.Cut(string(text), fmt.Sprintf("flink_sidecar_profiles_total{mode=%q,result=%q} ", mode, result))
	require.True(t, found)
	_, err = fmt.Sscan(after, &n)
	require.NoError(t, err)
	return n
}

// TestABudgetGoesToTheTargetBeforeItsControl has one profile left for the day.
func TestABudgetGoesToTheTargetBeforeItsControl(t *testing.T) {
	_, c, p := carefully(t, flame.ITIMER)
	p.budget = profiling.NewBudget(1, 0, time.Now)
	target := episode.Target{Cluster: "eu", Job: "orders", Vertex: "join", Modes: []string{"ITIMER"}, Control: "tm-2", Why: "it is busy"}
	require.NoError(t, p.afford(c, episode.Alert{Job: "orders"}, &target))
	require.Empty(t, target.Control)
	require.Equal(t, "it is busy; but not today, for the budget", target.Why)
	require.Zero(t, p.budget.Left())
	require.ErrorContains(t, p.afford(c, episode.Alert{Job: "orders"}, &target), "today's profiles are used up")
}

// TestALossAfterARunLocksOut has one process go away soon after its profile,
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
	locked, err := p.history.LockedOut()
	require.NoError(t, err)
	require.Len(t, locked, 2, "and a restart knows both")
	p.lookAfter(episode.Target{Cluster: "eu", Job: "orders", Vertex: "y"}, "tm-1", time.Now(), &profiling.Error{Outcome: profiling.Failed})
	require.NoError(t, p.budget.Spend(budgetKey(orders, "y"), 1))

	p.watched[0].until = time.Now().Add(-time.Second)
	p.polled(c)
	require.Empty(t, p.watched)
}
