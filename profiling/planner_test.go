package profiling

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

func TestTheBudgetIsRestoredAsItWasSpent(t *testing.T) {
	now := time.Now()
	p := &planner{
		cfg:    Config{Modes: []flame.Mode{flame.ITIMER}},
		budget: NewBudget(12, 30*time.Minute, func() time.Time { return now }),
	}
	target := &episode.Target{Vertex: "v", Process: "tm-1"}
	three := []episode.Profile{{Mode: "ITIMER"}, {Mode: "VERTEX"}, {Mode: "VERTEX"}}
	p.restore([]episode.Episode{
		{
			Alert: episode.Alert{Rule: "lag", Source: episode.FromAlertmanager, Job: "orders"}, Target: target,
			Profiles: three, Opened: now,
		},
		{
			Alert: episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI, Job: "orders"}, Target: target,
			Profiles: three, Opened: now,
		},
		{Alert: episode.Alert{Rule: "size", Source: episode.FromTrend, Job: "orders"}, Opened: now},
	})
	require.Equal(t, 11, p.budget.Left(), "thread samples and people's requests cost nothing")
	require.Error(t, p.budget.Spend(budgetKey(episode.JobRef{Job: "orders"}, "v"), 1),
		"the cool-down outlives the process")
}

// poll is what a test says the last poll found.
type poll struct{ state snapshot.State }

func (*poll) Await(context.Context) error { return nil }

func (p *poll) State() snapshot.State { return p.state }

// only finds the one cluster of a test.
type only struct{ Cluster }

func (o only) Profiled(string) (Cluster, error) { return o.Cluster, nil }

// locks remembers what was locked out last.
type locks struct{ until map[string]time.Time }

func (l *locks) PutLockedOut(until map[string]time.Time) error {
	l.until = until
	return nil
}

// newService is a service of one cluster that runs a job, with modes and budget.
func newService(t *testing.T, perDay int, modes ...flame.Mode) (*Service, *poll, *flinktest.Server, *locks) {
	t.Helper()
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	log := slog.New(slog.DiscardHandler)
	store := &pagestore.Store{Dir: t.TempDir()}
	now := &poll{snapshot.State{
		Cluster: snapshot.Cluster{Name: "eu"}, Known: true,
		Jobs:         []snapshot.Job{{Name: "orders", ID: server.JobID, Known: true, State: "RUNNING"}},
		TaskManagers: []snapshot.TaskManager{{ID: "tm1"}, {ID: "tm2"}},
	}}
	remembered := &locks{}
	return NewService(Options{
		Config:   Config{Modes: modes, OnAlert: true, PerDay: perDay},
		Clusters: only{Cluster{Poll: now, Profiler: profiler.New(client, store, profiler.NewMetrics(), log)}},
		Store:    store, Locks: remembered, Paused: func() bool { return false }, Log: log,
	}), now, server, remembered
}

func TestWallIsHeldBack(t *testing.T) {
	s, now, server, _ := newService(t, 12, flame.ITIMER, flame.Wall)
	c, err := s.clusters.Profiled("eu")
	require.NoError(t, err)
	java := func(version string) {
		server.Answer("/jobmanager/environment", 200, `{"jvm": {"version": "`+version+`"}}`)
	}
	java("OpenJDK 64-Bit Server VM - Debian - 17/17.0.15+6")
	allowed, held := s.allowedModes(t.Context(), c.Profiler.Flink, s.cfg.Modes)
	require.Equal(t, s.cfg.Modes, allowed)
	require.Zero(t, held)
	for _, version := range []string{"OpenJDK 64-Bit Server VM - Debian - 21/21.0.4+7", "a JVM"} {
		java(version)
		allowed, held = s.allowedModes(t.Context(), c.Profiler.Flink, s.cfg.Modes)
		require.Equal(t, []flame.Mode{flame.ITIMER}, allowed)
		require.Equal(t, 1, held)
	}
	target := episode.Target{Why: "it is busy"}
	asked := episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI}
	require.Equal(t, []flame.Mode{flame.ITIMER}, s.chooseModes(t.Context(), c, now.state, asked, &target))
	require.Equal(t, []string{"ITIMER"}, target.Modes)
	require.Equal(t, "it is busy; WALL skipped: it may end this JVM (see profiling.allow_wall)", target.Why)
	s.cfg.AllowWall = true
	allowed, _ = s.allowedModes(t.Context(), c.Profiler.Flink, s.cfg.Modes)
	require.Len(t, allowed, 2)
}

// TestAScaleTestNamesItsModes: they replace the configured ones, but not the guard of WALL.
func TestAScaleTestNamesItsModes(t *testing.T) {
	s, now, server, _ := newService(t, 12, flame.ITIMER)
	c, err := s.clusters.Profiled("eu")
	require.NoError(t, err)
	server.Answer("/jobmanager/environment", 200, `{"jvm": {"version": "a JVM"}}`)
	alert := episode.Alert{
		Rule: episode.RuleScaleTest, Source: episode.FromCLI,
		ScaleTest: &episode.ScaleRequest{Modes: []string{"ALLOC", "WALL", "ITIMER"}},
	}
	target := episode.Target{}
	require.Equal(t, []flame.Mode{flame.Alloc, flame.ITIMER}, s.chooseModes(t.Context(), c, now.state, alert, &target))
	require.Equal(t, []string{"ALLOC", "ITIMER"}, target.Modes)
	alert.Source = episode.FromAlertmanager
	require.Equal(t, []flame.Mode{flame.ITIMER}, s.wanted(alert), "only a person names modes")
}

// TestAJobThatDoesNotRunIsNeverProfiled, not even when a person asks.
func TestAJobThatDoesNotRunIsNeverProfiled(t *testing.T) {
	s, now, _, _ := newService(t, 12, flame.ITIMER)
	now.state.Jobs[0].State = "RESTARTING"
	for _, alert := range []episode.Alert{
		{Rule: episode.RuleAsked, Source: episode.FromCLI, Cluster: "eu", Job: "orders"},
		{Rule: "lag", Source: episode.FromAlertmanager, Cluster: "eu", Job: "orders"},
	} {
		_, err := s.SelectTarget(t.Context(), alert)
		require.EqualError(t, err, "profiling: orders: the job does no work: it is RESTARTING "+
			"(ask again when it runs)")
	}
	c, err := s.clusters.Profiled("eu")
	require.NoError(t, err)
	skipped := c.Profiler.Metrics.Profiles.WithLabelValues("ITIMER", string(profiler.NotRunning))
	require.InDelta(t, 2, testutil.ToFloat64(skipped), 0)
}

// TestTheBudgetGoesToTheTargetBeforeItsControl has one profile left for the day.
func TestTheBudgetGoesToTheTargetBeforeItsControl(t *testing.T) {
	s, now, _, _ := newService(t, 1, flame.ITIMER)
	target := episode.Target{
		Cluster: "eu", Job: "orders", Vertex: "join", Modes: []string{"ITIMER"},
		Control: "tm-2", Why: "it is busy",
	}
	require.NoError(t, s.spend(now.state, episode.Alert{Job: "orders"}, &target))
	require.Empty(t, target.Control)
	require.Equal(t, "it is busy; control skipped: daily budget used", target.Why)
	require.Zero(t, s.Left())
	require.ErrorContains(t, s.spend(now.state, episode.Alert{Job: "orders"}, &target), "today's profiles are used up")
}

func TestAControlIsPaidFor(t *testing.T) {
	require.Equal(t, 3, profilesOf(episode.Target{Modes: []string{"ALLOC", "ITIMER"}, Control: "tm-2"}))
	require.Equal(t, 2, profilesOf(episode.Target{Modes: []string{"ALLOC", "ITIMER"}}))
}

// TestALossAfterARunLocksOut has one process go away soon after its profile, and one stay.
func TestALossAfterARunLocksOut(t *testing.T) {
	s, now, _, remembered := newService(t, 12, flame.ITIMER)
	follow := func(vertex, process string, err error) {
		one := session{Service: s, target: episode.Target{
			Cluster: "eu", Job: "orders", Vertex: vertex,
			Process: process,
		}}
		one.follow(process, time.Now(), err)
	}
	follow("source", "tm1", nil)
	follow("sink", "tm2", nil)
	s.Polled(now.state)
	require.Len(t, s.losses.watched, 2)
	now.state.TaskManagers = now.state.TaskManagers[:1]
	s.Polled(now.state)
	require.Len(t, s.losses.watched, 1)
	orders := episode.JobRef{Cluster: "eu", Job: "orders"}
	require.NoError(t, s.budget.Spend(budgetKey(orders, "source"), 1))
	require.ErrorContains(t, s.budget.Spend(budgetKey(orders, "sink"), 1),
		"a TaskManager went away during or soon after its profile, cause not known")

	follow("x", "tm1", &profiler.Error{Outcome: profiler.Lost})
	require.Error(t, s.budget.Spend(budgetKey(orders, "x"), 1), "it was lost during the run")
	require.Len(t, remembered.until, 2, "and a restart knows both")
	follow("y", "tm1", &profiler.Error{Outcome: profiler.Failed})
	require.NoError(t, s.budget.Spend(budgetKey(orders, "y"), 1))

	s.losses.watched[0].until = time.Now().Add(-time.Second)
	s.Polled(now.state)
	require.Empty(t, s.losses.watched)
	s.Unlock()
	require.Empty(t, remembered.until)
}

func TestWhyAVertexIsProfiled(t *testing.T) {
	job := snapshot.Job{Limits: snapshot.Limits{BusiestID: "e"}, Vertices: []snapshot.Vertex{
		{ID: "s", Name: "read", Backpressured: &snapshot.Share{Mean: 0.5, Max: 0.5}},
		{ID: "e", Name: "enrich", Busy: &snapshot.Share{Mean: 0.44, Max: 0.5}},
	}}
	_, why, err := chooseVertex(job, "")
	require.NoError(t, err)
	require.Equal(t, "enrich is the busiest vertex (busy 44 % of the time); none is known to limit the job", why)
	job.BottleneckID = "e"
	_, why, err = chooseVertex(job, "")
	require.NoError(t, err)
	require.Equal(t, "enrich limits the job (busy 44 % of the time)", why)
	_, why, err = chooseVertex(job, "s")
	require.NoError(t, err)
	require.Equal(t, "the alert names read", why)
	_, _, err = chooseVertex(snapshot.Job{Name: "orders"}, "")
	require.ErrorContains(t, err, "not known yet")
}

func TestWhatIsSampledBesideTheTarget(t *testing.T) {
	busy := func(id string, share float64) snapshot.Vertex {
		return snapshot.Vertex{ID: id, Name: "name of " + id, Busy: &snapshot.Share{Mean: share}}
	}
	state := snapshot.State{Jobs: []snapshot.Job{{ID: "j", Vertices: []snapshot.Vertex{
		busy("source", 0.1), busy("idle", 0.01), busy("join", 0.9), busy("map", 0.2), busy("sink", 0.3),
		{ID: "unknown"},
	}}}}
	require.Equal(t, []profiler.VertexRef{
		{Job: "j", ID: "join", Name: "the join"},
		{Job: "j", ID: "sink", Name: "name of sink"},
		{Job: "j", ID: "map", Name: "name of map"},
	}, sampledVertices(state, episode.Target{JobID: "j", Vertex: "join", VertexName: "the join", Process: "tm1"}))
	require.Empty(t, sampledVertices(state, episode.Target{Process: "tm1"}), "a process has no vertex")
	require.Len(t, sampledVertices(state, episode.Target{JobID: "another", Vertex: "v"}), 1)
}

func TestModesOfATarget(t *testing.T) {
	s := session{Service: &Service{planner: planner{cfg: Config{Modes: []flame.Mode{flame.ITIMER, flame.Alloc}}}}}
	require.Equal(t, s.cfg.Modes, s.modes(), "before modes were chosen, all were taken")
	s.target.Modes = []string{"ALLOC", "NONE"}
	require.Equal(t, []flame.Mode{flame.Alloc}, s.modes())
}
