package collect

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

func TestCountersOfASink(t *testing.T) {
	for name, test := range map[string]struct {
		names             []string
		requests, records string
	}{
		"of the operator": {[]string{
			"numRecordsIn", "to_search__Writer.numRecordsIn",
			"to_search__Writer.bulkRequests",
		}, "to_search__Writer.bulkRequests", "to_search__Writer.numRecordsIn"},
		"of the task":     {[]string{"numRecordsIn", "numRequests"}, "numRequests", "numRecordsIn"},
		"without records": {[]string{"to_search__Writer.bulkRequests", "numRecordsIn"}, "", ""},
		"no sink":         {[]string{"numRecordsIn", "busyTimeMsPerSecond"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			requests, records, ok := countersOf(test.names)
			require.Equal(t, test.requests, requests)
			require.Equal(t, test.records, records)
			require.Equal(t, test.requests != "", ok)
		})
	}
}

func TestNumbersOfAMeasurement(t *testing.T) {
	rate := 100.5
	metrics := measured(&episode.Measurement{
		Throughput: &rate,
		Hops:       []episode.Hop{{Name: "visible", Count: 3, P50: 0.6, P99: 1.2}, {Name: "lost", Count: 0}},
	})
	require.Len(t, metrics, 3, "a hop without records has no latency")
	require.InDelta(t, 100.5, metrics[0].Value, 0)
	require.Equal(t, "visible", metrics[2].Subject)
	require.InDelta(t, 1.2, metrics[2].Value, 0)
	require.Empty(t, measured(nil))
}

func TestControlProfilesAreLeftOut(t *testing.T) {
	ep := episode.Episode{Profiles: []episode.Profile{{ID: "p", Role: episode.Control, Hash: "none"}}}
	profiles, warnings := (&Gatherer{}).profiles(ep)
	require.Empty(t, profiles)
	require.Empty(t, warnings)
}

// TestEpisodesShareAnswers has ten episodes of one job between two polls.
func TestEpisodesShareAnswers(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	state := snapshot.State{
		Known: true, Cluster: snapshot.Cluster{Name: "eu", Polled: time.Unix(1, 0)},
		Jobs: []snapshot.Job{{
			Name: "orders", ID: server.JobID, Known: true, State: "RUNNING",
			Vertices: []snapshot.Vertex{{ID: server.Vertices[0], Name: "source", Busy: &snapshot.Share{Max: 0.9}}},
			Limits:   snapshot.Limits{BottleneckID: server.Vertices[0], BusiestID: server.Vertices[0]},
		}},
	}
	g := New(Options{
		Cluster:  func(context.Context, string) (Cluster, error) { return Cluster{state, client}, nil },
		Trends:   func() []snapshot.Trend { return nil },
		Episodes: none{},
		Log:      slog.New(slog.DiscardHandler),
	})
	ep := episode.Episode{
		Alert:    episode.Alert{Cluster: "eu", Job: "orders"},
		Profiles: []episode.Profile{{Role: episode.Control}}, Target: &episode.Target{},
	}
	gather := func() int {
		bundle := g.Gather(t.Context(), ep)
		require.Empty(t, bundle.Warnings)
		require.NotEmpty(t, bundle.Vertices[0].SubtasksOn)
		total := 0
		for _, n := range server.Requests() {
			total += n
		}
		return total
	}
	first := gather()
	require.NotZero(t, first)
	for range 9 {
		require.Zero(t, gather(), "episodes share the answers of one poll")
	}
	state.Cluster.Polled = time.Unix(16, 0)
	require.Equal(t, first, gather(), "after a new poll Flink is asked again")
}

// TestJobsDoNotShareAnswers has two jobs of one program: Flink gives their vertices the same ids.
func TestJobsDoNotShareAnswers(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	vertices := []snapshot.Vertex{{ID: server.Vertices[0], Name: "source", Busy: &snapshot.Share{Max: 0.9}}}
	limits := snapshot.Limits{BottleneckID: server.Vertices[0], BusiestID: server.Vertices[0]}
	state := snapshot.State{
		Known: true, Cluster: snapshot.Cluster{Name: "eu", Polled: time.Unix(1, 0)},
		Jobs: []snapshot.Job{
			{Name: "orders", ID: server.JobID, Known: true, State: "RUNNING", Vertices: vertices, Limits: limits},
			{
				Name: "copy", ID: "0123456789abcdef0123456789abcdef", Known: true, State: "RUNNING",
				Vertices: vertices, Limits: limits,
			},
		},
	}
	g := New(Options{
		Cluster:  func(context.Context, string) (Cluster, error) { return Cluster{state, client}, nil },
		Trends:   func() []snapshot.Trend { return nil },
		Episodes: none{},
		Log:      slog.New(slog.DiscardHandler),
	})
	gather := func(job string) evidence.Bundle {
		bundle := g.Gather(t.Context(), episode.Episode{
			Alert:    episode.Alert{Cluster: "eu", Job: job},
			Profiles: []episode.Profile{{Role: episode.Control}}, Target: &episode.Target{},
		})
		return bundle
	}
	require.NotEmpty(t, gather("orders").Vertices[0].SubtasksOn)
	require.Empty(t, gather("copy").Vertices[0].SubtasksOn, "the server does not know this job")
}

// TestFailedRequestsAreWarnings: every request to Flink fails.
func TestFailedRequestsAreWarnings(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	server.Break(flinktest.Status(503))
	state := snapshot.State{Known: true, Jobs: []snapshot.Job{{
		Name: "orders", ID: "j", Known: true,
		Vertices: []snapshot.Vertex{{ID: "v", Name: "source", Busy: &snapshot.Share{Max: 0.9}}},
		Limits:   snapshot.Limits{BottleneckID: "v", BusiestID: "v"},
	}}}
	g := New(Options{
		Cluster:  func(context.Context, string) (Cluster, error) { return Cluster{state, client}, nil },
		Trends:   func() []snapshot.Trend { return nil },
		Episodes: none{},
		Log:      slog.New(slog.DiscardHandler),
	})
	bundle := g.Gather(t.Context(), episode.Episode{
		Alert: episode.Alert{Job: "orders"}, Profiles: []episode.Profile{{Role: episode.Control}},
	})
	require.Len(t, bundle.Warnings, 3)
	require.Contains(t, bundle.Warnings[2], "the settings of the job are unknown: ")
	require.Contains(t, bundle.Warnings[0], "the processes of the subtasks of vertex source are unknown: ")
	require.Contains(t, bundle.Warnings[1], "the requests of the sink of vertex source are unknown: ")
}

// Trends that neither grow significantly nor are above their limit are no evidence.
func TestTrendsOfAnEpisode(t *testing.T) {
	labels := snapshot.Labels{Cluster: "eu", Job: "orders"}
	of := func(rule string, signal snapshot.Signal, level, limit float64) snapshot.Trend {
		return snapshot.Trend{Rule: rule, Signal: signal, Labels: labels, Level: &level, Limit: &limit}
	}
	steady := of("checkpoint-size", snapshot.CheckpointSize, 5, 9)
	growing := of("checkpoint-size", snapshot.CheckpointSize, 5, 9)
	growing.Slope, growing.SlopeLow = new(2.0), new(1.0)
	above := of("checkpoint-duration", snapshot.CheckpointDuration, 155, 60)
	above.AtLeast = true
	heap := of("heap-after-gc", snapshot.HeapUsed, 10, 9)
	heap.Labels = snapshot.Labels{Cluster: "eu", Process: "tm-1"}
	other := heap
	other.Labels.Process = "tm-2"
	g := &Gatherer{Options: Options{Trends: func() []snapshot.Trend {
		return []snapshot.Trend{steady, growing, above, heap, other}
	}}}
	got := g.trends(episode.Episode{
		Alert:    episode.Alert{Rule: "checkpoint-duration", Cluster: "eu", Job: "orders"},
		Triggers: []episode.Alert{{Rule: "heap-after-gc", Cluster: "eu", Job: "orders", Process: "tm-1"}},
	})
	require.Equal(t, []evidence.Trend{
		{Signal: evidence.SignalCheckpointSize, Now: 5, PerSecond: 2, PerSecondLow: 1, Limit: new(9.0)},
		{Signal: evidence.SignalCheckpointDuration, Now: 155, AtLeast: true, Limit: new(60.0), Fired: true},
		{Signal: evidence.SignalHeapAfterGC, Subject: "tm-1", Now: 10, Limit: new(9.0), Fired: true},
		{Signal: evidence.SignalHeapAfterGC, Subject: "tm-2", Now: 10, Limit: new(9.0)},
	}, got)
}

// none is a history without episodes.
type none struct{}

func (none) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) { return nil, nil }

// TestAMissingPageHidesNoOther: it is a warning, and so is a job that Flink does not tell of.
func TestAMissingPageHidesNoOther(t *testing.T) {
	tree := flame.New()
	tree.Add([]string{"a"}, 3)
	g := New(Options{
		Trees: heldTrees{"good": tree}, Episodes: none{}, Log: slog.New(slog.DiscardHandler),
		Trends: func() []snapshot.Trend { return nil },
		Cluster: func(context.Context, string) (Cluster, error) {
			return Cluster{State: snapshot.State{Known: true}}, nil
		},
	})
	b := g.Gather(t.Context(), episode.Episode{Alert: episode.Alert{Job: "orders"}, Profiles: []episode.Profile{
		{ID: "p1", Hash: "gone", Mode: "ITIMER"}, {ID: "p2", Hash: "good", Mode: "VERTEX"},
	}})
	require.Len(t, b.Profiles, 1)
	require.Equal(t, []string{"p2", "WALL"}, []string{b.Profiles[0].Name, b.Profiles[0].Mode})
	require.Len(t, b.Warnings, 2)
	require.Contains(t, b.Warnings[0], "profile p1 is not used: its page cannot be read: ")
	require.Contains(t, b.Warnings[1], "the present state of the job is unknown: at the last poll Flink did not tell")
}
