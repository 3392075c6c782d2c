package collect

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// checkpointed is a job of two vertices on a fake Flink, of which the first limits.
type checkpointed struct {
	server   *flinktest.Server
	gatherer *Gatherer
	cluster  Cluster
	job      snapshot.Job
}

func newCheckpointed(t *testing.T, version string) *checkpointed {
	t.Helper()
	server := flinktest.New(t, version)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	job := snapshot.Job{
		Name: "orders", ID: server.JobID, Known: true, State: "RUNNING",
		Vertices: []snapshot.Vertex{{ID: server.Vertices[0]}, {ID: server.Vertices[1]}},
		Checkpoints: &snapshot.Checkpoints{
			Last: &snapshot.Checkpoint{ID: 5}, LastFailed: &snapshot.FailedCheckpoint{ID: 7, Message: "declined"},
		},
	}
	job.Plan = &snapshot.CheckpointPlan{Interval: 10 * time.Second, Timeout: time.Minute}
	return &checkpointed{
		server: server, gatherer: New(Options{Log: slog.New(slog.DiscardHandler)}), job: job,
		cluster: Cluster{snapshot.State{Known: true, Cluster: snapshot.Cluster{Name: "eu", Polled: time.Unix(1, 0)}}, client},
	}
}

func (c *checkpointed) read(t *testing.T) *evidence.Checkpoints {
	t.Helper()
	found, err := c.gatherer.checkpoints(t.Context(), c.cluster, c.job, c.server.Vertices[0])
	require.NoError(t, err)
	return found
}

// has gives the job checkpoints, newest first, each of a line of JSON.
func (c *checkpointed) has(history ...string) {
	c.server.Answer("/jobs/"+c.server.JobID+"/checkpoints", 200, `{
		"counts": {"restored": 0, "total": 15, "in_progress": 1, "completed": 12, "failed": 2},
		"summary": {}, "latest": {}, "history": [`+strings.Join(history, ",")+`]}`)
}

// took gives a checkpoint times at a vertex, in milliseconds: mean and greatest.
func (c *checkpointed) took(id, vertex int, sync, async, alignment [2]int) {
	spread := func(v [2]int) string { return fmt.Sprintf(`{"avg": %d, "max": %d}`, v[0], v[1]) }
	c.server.Answer(fmt.Sprintf("/jobs/%s/checkpoints/details/%d/subtasks/%s", c.server.JobID, id,
		c.server.Vertices[vertex]), 200, fmt.Sprintf(`{"summary": {
			"checkpoint_duration": {"sync": %s, "async": %s}, "alignment": {"duration": %s}}}`,
		spread(sync), spread(async), spread(alignment)))
}

func completed(id, duration, written, state int) string {
	return fmt.Sprintf(`{"id": %d, "status": "COMPLETED", "is_savepoint": false, "end_to_end_duration": %d,
		"checkpointed_size": %d, "state_size": %d}`, id, duration, written, state)
}

// TestCheckpoints: means over the completed checkpoints, of all subtasks, and the greatest values.
func TestCheckpoints(t *testing.T) {
	c := newCheckpointed(t, flinktest.Flink23)
	c.has(`{"id": 8, "status": "IN_PROGRESS", "end_to_end_duration": 99000}`, `{"id": 7, "status": "FAILED"}`,
		`{"id": 6, "status": "COMPLETED", "is_savepoint": true, "end_to_end_duration": 50000}`,
		completed(5, 2000, 100, 1000), completed(4, 4000, 300, 900))
	c.took(5, 0, [2]int{100, 400}, [2]int{10, 20}, [2]int{50, 60})
	c.took(4, 0, [2]int{300, 500}, [2]int{10, 30}, [2]int{150, 900})
	c.took(5, 1, [2]int{1, 1}, [2]int{1000, 1900}, [2]int{7, 7})
	c.took(4, 1, [2]int{1, 1}, [2]int{1000, 3900}, [2]int{7, 7})
	require.Equal(t, &evidence.Checkpoints{
		Interval: 10, Timeout: new(60.0), Unaligned: new(false), Of: 2,
		Duration: new(3.0), DurationMax: new(4.0),
		Sync: new(0.2), SyncMax: new(0.5), Alignment: new(0.1), AlignmentMax: new(0.9),
		Async: new(2.9), AsyncMax: new(3.9), Written: new(200.0), WrittenMax: new(300.0), State: new(1000.0),
		Completed: new(12), Failed: new(2), FailedInARow: new(2), LastFailure: "declined",
	}, c.read(t))
}

// TestTenCheckpoints: older ones do not count, and Flink is asked once per poll.
func TestTenCheckpoints(t *testing.T) {
	c := newCheckpointed(t, flinktest.Flink120)
	var history []string
	for id := 30; id > 10; id-- {
		duration := 1000
		if id <= 20 {
			duration = 9000
		}
		history = append(history, completed(id, duration, 1, 1))
		c.took(id, 0, [2]int{10, 10}, [2]int{1, 1}, [2]int{1, 1})
	}
	c.has(history...)
	first := c.read(t)
	require.Equal(t, 10, first.Of)
	require.InDelta(t, 1, *first.DurationMax, 0)
	total := 0
	for _, n := range c.server.Requests() {
		total += n
	}
	require.LessOrEqual(t, total, 2+2+2*recentCheckpoints)
	require.Equal(t, first, c.read(t))
	require.Empty(t, c.server.Requests(), "the answers of one poll are shared")
}

// TestUnknownCheckpoints: what is forgotten or not answered is unknown and not zero.
func TestUnknownCheckpoints(t *testing.T) {
	c := newCheckpointed(t, flinktest.Flink23)
	c.has(completed(5, 2000, 100, 1000))
	found := c.read(t) // no details are known: Flink answers 404
	require.Equal(t, 1, found.Of)
	require.Nil(t, found.Sync)
	require.Nil(t, found.AsyncMax)
	require.InDelta(t, 2, *found.Duration, 0)

	c.server.Answer(fmt.Sprintf("/jobs/%s/checkpoints/details/5/subtasks/%s", c.server.JobID, c.server.Vertices[0]), 200,
		`{"summary": {"checkpoint_duration": {"sync": {"max": 5}, "async": {"avg": 5}}}}`)
	c.cluster.State.Cluster.Polled = time.Unix(2, 0)
	found = c.read(t)
	require.Nil(t, found.Sync, "a greatest value alone is no mean")
	require.Nil(t, found.Async)

	c = newCheckpointed(t, flinktest.Flink23)
	c.has()
	found = c.read(t)
	require.Zero(t, found.Of)
	require.Nil(t, found.Duration)

	c.job.Plan.Interval = 0
	require.Nil(t, c.read(t), "the job takes none")

	c = newCheckpointed(t, flinktest.Flink23)
	c.server.Answer("/jobs/"+c.server.JobID+"/checkpoints", 500, `{"errors": ["busy"]}`)
	g := c.gatherer
	g.Cluster = func(context.Context, string) (Cluster, error) {
		state := c.cluster.State
		state.Jobs = []snapshot.Job{c.job}
		return Cluster{state, c.cluster.Flink}, nil
	}
	g.Trends, g.Episodes = func() []snapshot.Trend { return nil }, none{}
	b := g.Gather(t.Context(), episode.Episode{
		Alert: episode.Alert{Cluster: "eu", Job: "orders"}, Profiles: []episode.Profile{{Role: episode.Control}},
	})
	require.Contains(t, strings.Join(b.Warnings, "\n"), "the last checkpoints of the job are unknown: ")
	require.InDelta(t, 10, b.Checkpoints.Interval, 0, "what is known stays")
}

// TestCapturedCheckpoints reads the answers of a real Flink.
func TestCapturedCheckpoints(t *testing.T) {
	for _, version := range []string{flinktest.Flink120, flinktest.Flink23} {
		c := newCheckpointed(t, version)
		found := c.read(t)
		require.Positive(t, found.Of)
		require.Positive(t, *found.Duration)
		require.GreaterOrEqual(t, *found.DurationMax, *found.Duration)
		require.Positive(t, *found.Written)
	}
}
