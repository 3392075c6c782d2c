package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// scene is a replayed Flink, polled every 15 seconds of its own clock, and a watch.
type scene struct {
	*testing.T
	*flinktest.Server
	cluster *clusters.Cluster
	watch   *trouble.Watch
	now     time.Time
}

// newScene polls a healthy cluster three times.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, Server: flinktest.New(t, flinktest.Flink23), watch: trouble.NewWatch(), now: time.Unix(1_800_000_000, 0)}
	s.SetNow(func() time.Time { return s.now })
	s.cluster = newCluster(t, "prod", s.URL)
	s.cluster.Now = func() time.Time { return s.now }
	s.cluster.OnPoll = func() { s.watch.Polled(s.cluster.State()) }
	for range 3 {
		s.poll()
	}
	require.Empty(t, s.watch.List())
	return s
}

func (s *scene) poll() {
	s.Helper()
	s.now = s.now.Add(15 * time.Second)
	require.NoError(s, s.cluster.Poll(s.Context()))
}

// polls counts the polls until a trouble of the kind is there; two are allowed.
func (s *scene) polls(kind trouble.Kind) (n int, found trouble.Trouble) {
	s.Helper()
	for n = 1; n <= 2; n++ {
		s.poll()
		for _, one := range s.watch.List() {
			if one.Kind == kind {
				return n, one
			}
		}
	}
	s.Fatalf("no %s after two polls: %+v", kind, s.watch.List())
	return n, found
}

// throw adds a failure at the JobManager's present time.
func (s *scene) throw(class, taskManager string) {
	s.Helper()
	details, err := s.cluster.Flink.Job(s.Context(), s.JobID)
	require.NoError(s, err)
	s.AddException(flinktest.Exception{
		At: details.Now.Time().Add(10 * time.Second).UnixMilli(), Name: class, Trace: class + ": why",
		Task: "sink (1/4)", TaskManager: taskManager,
	})
}

// TestTroublesOfFlinkAreSeenWithinTwoPolls goes through the real client and collector.
func TestTroublesOfFlinkAreSeenWithinTwoPolls(t *testing.T) {
	t.Parallel()
	for kind, test := range map[trouble.Kind]struct {
		happens func(s *scene)
		polls   int
		subject string
		seen    []string
	}{
		trouble.TaskManagerGone: {
			func(s *scene) {
				s.LoseTaskManager("tm2")
				s.throw("a.Lost", "tm2")
				s.SetJobState("RESTARTING")
			}, 1, "tm2", []string{"TaskManager tm2 is gone, 1 of 2 are left", `job "orders enrichment" restarted once`},
		},
		trouble.JobStalled: {
			(*scene).stallSink, 2, "JSON enrich", []string{
				"RUNNING but reads 0 records/s", "its source was backpressured for", "JSON enrich",
			},
		},
		trouble.RestartLoop: {
			func(s *scene) {
				for i, where := range []string{"tm1", "tm1", "tm2"} {
					s.throw(fmt.Sprintf("a.Cause%d", i), where)
					s.now = s.now.Add(time.Second)
				}
			}, 2, "", []string{"failed 3 times", "first cause: Cause0: why on tm1", "newest cause: Cause2: why on tm2"},
		},
		trouble.CheckpointsFailing: {
			func(s *scene) {
				s.checkpoints(func(doc map[string]any, now int64) {
					doc["latest"].(map[string]any)["failed"] = map[string]any{
						"id": 19, "trigger_timestamp": now - 9000, "failure_timestamp": now, "failure_message": "expired",
					}
				})
			}, 1, "", []string{"2 checkpoints of job", "the last failed because: expired"},
		},
		trouble.CheckpointSlow: {
			func(s *scene) {
				s.checkpoints(func(doc map[string]any, now int64) {
					doc["history"] = []any{map[string]any{
						"id": 18, "status": "IN_PROGRESS", "is_savepoint": false, "trigger_timestamp": now - 155_000,
						"num_subtasks": 8, "num_acknowledged_subtasks": 7,
					}}
				})
			}, 1, "", []string{"checkpoint 18 of job", "7 of 8 subtasks have acknowledged"},
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			test.happens(s)
			polls, found := s.polls(kind)
			require.LessOrEqual(t, polls, test.polls)
			require.Contains(t, found.Subject, test.subject)
			require.Equal(t, "prod", found.Cluster)
			require.Equal(t, flinktest.JobName, found.Job)
			for _, words := range test.seen {
				require.Contains(t, found.Seen, words)
			}
			s.Freeze(true)
			s.Break(flinktest.Status(500), "/exceptions")
			s.poll()
			require.NotEmpty(t, s.watch.List(), "no data is no success")
		})
	}
}

// stallSink lets the sink block everything before it.
func (s *scene) stallSink() {
	same := func(v float64) []float64 { return []float64{v, v, v, v} }
	for _, vertex := range s.Vertices {
		for _, name := range []string{"numRecordsIn", "numRecordsOut", "numBytesIn", "numBytesOut"} {
			s.SetMetric(vertex, name+"PerSecond", same(0)...)
		}
	}
	for name, v := range map[string]float64{"busy": 0, "idle": 0, "backPressured": 1000} {
		s.SetMetric(s.Vertices[0], name+"TimeMsPerSecond", same(v)...)
		s.SetMetric(s.Vertices[1], name+"TimeMsPerSecond", same(1000*float64(strings.Count(name, "busy")))...)
	}
}

// checkpoints edits the job's checkpoints; now is the JobManager's time in milliseconds.
func (s *scene) checkpoints(edit func(doc map[string]any, now int64)) {
	s.Helper()
	details, err := s.cluster.Flink.Job(s.Context(), s.JobID)
	require.NoError(s, err)
	s.Edit("/jobs/"+s.JobID+"/checkpoints", func(doc map[string]any) { edit(doc, details.Now.Time().UnixMilli()) })
}

// TestATroubleOpensOneEpisode, without a profile, and says why; its end is stored.
func TestATroubleOpensOneEpisode(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	a, err := New(t.Context(), load(t, "flink: {url: '"+server.URL+"', cluster: prod}\n"), Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	stop := runLoop(t, a)
	defer stop()

	require.NoError(t, a.clusters[0].Poll(t.Context()))
	a.deliverNow(t)
	require.Empty(t, a.status().Troubles)
	require.Zero(t, testutil.CollectAndCount(a.troubles))

	server.LoseTaskManager("tm2")
	server.SetJobState("RESTARTING")
	require.NoError(t, a.clusters[0].Poll(t.Context()))
	a.deliverNow(t)
	found := a.status().Troubles
	require.Len(t, found, 1)
	require.Equal(t, "taskmanager-gone", found[0].Kind)
	require.NoError(t, testutil.CollectAndCompare(a.troubles, strings.NewReader(`
# HELP flink_sidecar_trouble `+troubleHelp+`
# TYPE flink_sidecar_trouble gauge
flink_sidecar_trouble{cluster="prod",job="orders enrichment",kind="taskmanager-gone"} 1
`)))
	ep := a.onlyEpisode(t, func(ep episode.Episode) bool { return ep.State.Final() })
	require.Equal(t, "taskmanager-gone", ep.Alert.Rule)
	require.Equal(t, episode.FromTrouble, ep.Alert.Source)
	require.Equal(t, flinktest.JobName, ep.Alert.Job)
	require.Contains(t, ep.Alert.Summary, "TaskManager gone: TaskManager tm2 is gone")
	require.Contains(t, ep.Notes, "no profile: the process is gone (see its log)")
	require.Empty(t, ep.Profiles)
	require.NotNil(t, ep.Measurement)

	a.troubles.watch = trouble.NewWatch() // as after a restart: the cool-down still knows
	a.troubles.polled(healthyBefore(a.clusters[0].State()))
	a.troubles.polled(a.clusters[0].State())
	a.deliverNow(t)
	a.onlyEpisode(t, func(episode.Episode) bool { return true })
}

// TestTheEndOfATroubleIsStored with its episode.
func TestTheEndOfATroubleIsStored(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	a, err := New(t.Context(), load(t, "flink: {url: '"+server.URL+"', cluster: prod}\n"), Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	stop := runLoop(t, a)
	defer stop()

	server.Break(flinktest.Status(503))
	require.Error(t, a.clusters[0].Poll(t.Context()))
	a.troubles.look(time.Now().Add(-trouble.DownFor))
	a.deliverNow(t)
	found := a.status().Troubles
	require.Len(t, found, 1)
	require.Equal(t, "flink-down", found[0].Rule)
	require.Equal(t, "target-down", found[0].Kind)
	ep := a.onlyEpisode(t, func(ep episode.Episode) bool { return ep.State.Final() })
	require.Equal(t, "flink-down", ep.Alert.Rule)
	require.Empty(t, ep.Alert.Job)
	require.Contains(t, ep.Notes, "no profile: this is about a server, not about a job (see Targets on the page)")
	require.Equal(t, episode.Done, ep.State)

	server.Heal()
	require.NoError(t, a.clusters[0].Poll(t.Context()))
	a.deliverNow(t)
	require.Empty(t, a.status().Troubles)
	a.onlyEpisode(t, func(ep episode.Episode) bool { return ep.Alert.Resolved() })
}

// runLoop runs the loop of a until the returned function is called.
func runLoop(t *testing.T, a *App) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	a.loop.Pause = func(ctx context.Context, d time.Duration) error { return wait.For(ctx, min(d, 10*time.Millisecond)) }
	go func() { ended <- a.loop.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

// deliverNow does what the actor does at a tick, until the loop has taken everything: it
// reads its history first.
func (a *App) deliverNow(t *testing.T) {
	t.Helper()
	a.troubles.look(time.Now())
	waiting := a.troubles.watch.TakeNews()
	require.Eventually(t, func() bool {
		waiting = a.troubles.deliver(waiting)
		return len(waiting) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

// onlyEpisode waits until the only episode is as wanted.
func (a *App) onlyEpisode(t *testing.T, wanted func(episode.Episode) bool) (ep episode.Episode) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := a.store.Episodes(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		require.Len(t, all, 1)
		ep = all[0]
		return wanted(ep)
	}, 10*time.Second, 10*time.Millisecond)
	return ep
}

// healthyBefore is the state before a TaskManager was lost.
func healthyBefore(state snapshot.State) snapshot.State {
	state.TaskManagers = append(slices.Clone(state.TaskManagers), snapshot.TaskManager{ID: "tm2", Slots: 2})
	state.Jobs = slices.Clone(state.Jobs)
	state.Jobs[0].State = "RUNNING"
	return state
}

// TestProbeRecordsThatDoNotArriveAreATrouble runs the whole sidecar with a Kafka whose sink
// topic stays empty, until a record is written there.
func TestProbeRecordsThatDoNotArriveAreATrouble(t *testing.T) {
	t.Parallel()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders", "enriched"))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	address := broker.ListenAddrs()[0]
	a, err := New(t.Context(), load(t, "flink: {url: '"+flinktest.New(t, flinktest.Flink23).URL+"', cluster: prod}\n"+
		"kafka: {brokers: ['"+address+"']}\nsinks: [{name: out, kafka: {topic: enriched}}]\n"+
		"probe: {job: '"+flinktest.JobName+"', topic: orders, interval: 1s, on_time_within: 2s, cutoff: 4s, "+
		"template: '{\"id\": \"{{.Seed}}\"}'}\n"), Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	kind := func() (kinds []string) {
		for _, one := range a.status().Troubles {
			kinds = append(kinds, one.Kind)
		}
		return kinds
	}
	require.Eventually(t, func() bool { return slices.Equal(kind(), []string{"probe-records-missing"}) },
		30*time.Second, 50*time.Millisecond)
	found := a.status().Troubles[0]
	require.Equal(t, flinktest.JobName, found.Job)
	require.Equal(t, "out", found.Subject)
	a.onlyOf(t, "probe-records-missing")

	passOn(t, address)
	require.Eventually(t, func() bool { return len(kind()) == 0 }, 30*time.Second, 50*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
}

// onlyOf waits for the episode of a rule, and requires that there is one.
func (a *App) onlyOf(t *testing.T, rule string) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := a.store.Episodes(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		all = slices.DeleteFunc(all, func(ep episode.Episode) bool { return ep.Alert.Rule != rule })
		require.LessOrEqual(t, len(all), 1)
		return len(all) == 1
	}, 30*time.Second, 50*time.Millisecond)
}

// passOn does the work of the job for a while: it copies records to the sink topic.
func passOn(t *testing.T, address string) {
	t.Helper()
	passOnFrom(t, address, kgo.NewOffset().AtEnd())
}

func passOnFrom(t *testing.T, address string, offset kgo.Offset) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(offset))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
				client.Produce(ctx, &kgo.Record{Topic: "enriched", Key: r.Key, Value: r.Value, Headers: r.Headers}, nil)
			})
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		client.Close()
	})
}
