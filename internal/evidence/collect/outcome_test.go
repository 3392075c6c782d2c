package collect

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestTheBottleneckOfABundle is the vertex of the target, unless the alert names a vertex: then
// the target may be that one.
func TestTheBottleneckOfABundle(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	server.Break(flinktest.Status(503))
	g := New(Options{Log: slog.New(slog.DiscardHandler)})
	job := snapshot.Job{
		Name: "orders", ID: "j", Limits: snapshot.Limits{BottleneckID: "now", BusiestID: "now"},
		Vertices: []snapshot.Vertex{{ID: "now"}},
	}
	for _, tc := range []struct {
		target *episode.Target
		alert  string
		want   string
	}{
		{nil, "", "now"},
		{&episode.Target{}, "", "now"},
		{&episode.Target{Vertex: "then"}, "", "then"},
		{&episode.Target{Vertex: "then"}, "then", "now"},
		{nil, "then", "now"},
	} {
		var b evidence.Bundle
		ep := episode.Episode{Target: tc.target, Alert: episode.Alert{Vertex: tc.alert}}
		g.addJob(t.Context(), Cluster{Flink: client}, &b, job, ep)
		require.Equal(t, tc.want, b.Bottleneck)
	}
	job.FirstFailure = &snapshot.Failure{Cause: "java.lang.X"}
	var b evidence.Bundle
	g.addJob(t.Context(), Cluster{Flink: client}, &b, job, episode.Episode{})
	require.Equal(t, "java.lang.X", b.Exception)
	job.FirstFailure.Task = "map"
	g.addJob(t.Context(), Cluster{Flink: client}, &b, job, episode.Episode{})
	require.Equal(t, "java.lang.X (in map)", b.Exception)
}

// TestSubtasksAreCountedByProcess: all of them together are the subtasks of the vertex.
func TestSubtasksAreCountedByProcess(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	g := New(Options{Log: slog.New(slog.DiscardHandler)})
	on, err := g.subtasksOn(t.Context(), Cluster{Flink: client}, server.JobID, server.Vertices[0])
	require.NoError(t, err)
	require.NotEmpty(t, on)
	for process, n := range on {
		require.NotEmpty(t, process)
		require.Positive(t, n)
	}
}

// TestProcessorTimeOfTwoProfiles compares rates, where both times are known.
func TestProcessorTimeOfTwoProfiles(t *testing.T) {
	p := func(mode string, samples int64, d time.Duration) episode.Profile {
		return episode.Profile{Mode: mode, Samples: samples, Duration: d}
	}
	require.Equal(t, "2.0 times the processor time; ", load(p("ITIMER", 100, 10*time.Second), p("ITIMER", 400, 20*time.Second)))
	for _, tc := range [][2]episode.Profile{
		{p("ITIMER", 0, time.Second), p("ITIMER", 1, time.Second)},
		{p("ITIMER", 1, 0), p("ITIMER", 1, time.Second)},
		{p("ITIMER", 1, time.Second), p("ITIMER", 1, 0)},
		{p("WALL", 1, time.Second), p("WALL", 1, time.Second)},
	} {
		require.Empty(t, load(tc[0], tc[1]), "%+v", tc)
	}
}

// TestOnlyTheTargetsProcessIsEvidence, if its garbage collection is known.
func TestOnlyTheTargetsProcessIsEvidence(t *testing.T) {
	all := []snapshot.TaskManager{{ID: "a", GC: new(0.1)}, {ID: "b", GC: new(0.2)}, {ID: "c"}}
	require.Equal(t, []evidence.Process{{ID: "b", GC: new(0.2)}}, processes(all, &episode.Target{Process: "b"}))
	require.Empty(t, processes(all, &episode.Target{Process: "c"}))
	require.Empty(t, processes(all, nil))
}

// TestProfilesOfAnEarlierEpisodeStandIn up to the cool-down, of the same epoch only.
func TestProfilesOfAnEarlierEpisodeStandIn(t *testing.T) {
	now := episode.Episode{ID: "now", EpochKey: "e", Opened: time.Unix(1000, 0), Alert: episode.Alert{Job: "orders"}}
	before := func(age time.Duration, epoch string, profiles int) episode.Episode {
		return episode.Episode{
			ID: "before", EpochKey: epoch, Opened: now.Opened.Add(-age), Profiles: make([]episode.Profile, profiles),
		}
	}
	for name, tc := range map[string]struct {
		earlier episode.Episode
		want    bool
	}{
		"within":        {before(time.Minute, "e", 1), true},
		"too old":       {before(time.Minute+time.Second, "e", 1), false},
		"another epoch": {before(time.Second, "f", 1), false},
		"no profile":    {before(time.Second, "e", 0), false},
	} {
		g := New(Options{CoolDown: time.Minute, Episodes: earlierOnes{tc.earlier}, Log: slog.New(slog.DiscardHandler)})
		_, found := g.earlier(now)
		require.Equal(t, tc.want, found, name)
	}
}

// TestTheHottestSubtaskStandsForItsVertex: its graph is a part of that of the vertex.
func TestTheHottestSubtaskStandsForItsVertex(t *testing.T) {
	hot := episode.Profile{Vertex: "v", Subtask: new(3), Role: episode.Hot}
	require.True(t, hasHotSubtask([]episode.Profile{{Vertex: "w"}, hot}, "v"))
	require.False(t, hasHotSubtask([]episode.Profile{hot}, "w"))
	require.False(t, hasHotSubtask([]episode.Profile{{Vertex: "v", Role: episode.Hot}}, "v"))
	require.False(t, hasHotSubtask([]episode.Profile{{Vertex: "v", Subtask: new(3)}}, "v"))
	require.False(t, hasHotSubtask([]episode.Profile{{Subtask: new(3), Role: episode.Hot}}, ""))
}

// TestValuesAreSummedUp: what is unknown adds nothing.
func TestValuesAreSummedUp(t *testing.T) {
	var s sample
	mean, most := s.summary()
	require.Nil(t, mean)
	require.Nil(t, most)
	s.addBoth(new(1.0), nil)
	s.addBoth(nil, new(1.0))
	s.add(2)
	s.addBoth(new(4.0), new(7.0))
	mean, most = s.summary()
	require.InDelta(t, 3, *mean, 1e-12)
	require.InDelta(t, 7, *most, 1e-12)
}

// TestNoStateOfAClusterThatIsNotPolled: neither its version nor its slots are evidence.
func TestNoStateOfAClusterThatIsNotPolled(t *testing.T) {
	for _, known := range []bool{false, true} {
		g := New(Options{
			Log: slog.New(slog.DiscardHandler), Episodes: none{}, Trends: func() []snapshot.Trend { return nil },
			Cluster: func(context.Context, string) (Cluster, error) {
				cluster := snapshot.Cluster{FlinkVersion: "2.3.0", SlotsAvailable: 4}
				return Cluster{State: snapshot.State{Known: known, Cluster: cluster}}, nil
			},
		})
		b := g.Gather(t.Context(), episode.Episode{})
		require.Equal(t, known, b.FlinkVersion == "2.3.0")
		require.Equal(t, known, b.FreeSlots != nil && *b.FreeSlots == 4)
		require.Empty(t, b.Warnings, "no job is asked for")
	}
}

// TestAFailedQuestionIsAskedAgain, and one that was answered is not.
func TestAFailedQuestionIsAskedAgain(t *testing.T) {
	var held answers
	asked := 0
	ask := func(fails error) (int, error) {
		return once(t.Context(), &held, snapshot.State{}, "q", func() (int, error) { asked++; return asked, fails })
	}
	_, err := ask(errors.New("no"))
	require.Error(t, err)
	for range 2 {
		n, err := ask(nil)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	}
}

// TestTrendsOfOthersAreNoEvidence: those of another cluster or job. A process has no job.
func TestTrendsOfOthersAreNoEvidence(t *testing.T) {
	of := func(cluster, job string) snapshot.Trend {
		return snapshot.Trend{
			Signal: snapshot.HeapUsed, Labels: snapshot.Labels{Cluster: cluster, Job: job}, Level: new(10.0), Limit: new(9.0),
		}
	}
	settling, unknown := of("eu", "orders"), of("eu", "orders")
	settling.State, unknown.Level = snapshot.TrendSettling, nil
	for i, tc := range []struct {
		trend snapshot.Trend
		want  int
	}{
		{of("eu", "orders"), 1},
		{of("eu", ""), 1},
		{of("us", "orders"), 0},
		{of("us", ""), 0},
		{of("eu", "other"), 0},
		{settling, 0},
		{unknown, 0},
	} {
		g := &Gatherer{Options: Options{Trends: func() []snapshot.Trend { return []snapshot.Trend{tc.trend} }}}
		require.Len(t, g.trends(episode.Episode{Alert: episode.Alert{Cluster: "eu", Job: "orders"}}), tc.want, "%d", i)
	}
}
