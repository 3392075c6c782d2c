package collector

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// simulatedTopic answers as the brokers of the simulated source's topic.
type simulatedTopic struct {
	job    *simulate.Job
	broken bool
	asked  int
	// forever is true if it keeps all; next is what RetentionLeft was asked for.
	forever bool
	next    map[int32]int64
}

func (s *simulatedTopic) Ends(context.Context) (map[int32]int64, error) {
	s.asked++
	if s.broken {
		return nil, errors.New("kafka: no broker answers")
	}
	ends := map[int32]int64{}
	for i, t := range s.job.Subtasks(vertexID(0)) {
		ends[int32(i)] = int64(t.Read + t.Backlog)
	}
	return ends, nil
}

// RetentionLeft is that of a topic that keeps a record for an hour, where each record that
// waits is ten seconds old.
func (s *simulatedTopic) RetentionLeft(_ context.Context, next map[int32]int64) (left, of time.Duration, err error) {
	if s.forever {
		return 0, 0, nil
	}
	s.next = next
	waits := 0.0
	for _, t := range s.job.Subtasks(vertexID(0)) {
		waits = max(waits, t.Backlog)
	}
	return time.Hour - time.Duration(waits/10)*time.Second, time.Hour, nil
}

// TestRetentionLeft has a sink that stalls: the records that wait become older.
func TestRetentionLeft(t *testing.T) {
	start := func(topic *simulatedTopic) *watched {
		job := &simulate.Job{Vertices: with(chain(simulate.Steady(100), 2000, 329), 1,
			func(v *simulate.Vertex) { v.Stalled = simulate.From(0, 2*time.Minute, 1) })}
		topic.job = job
		w := watch(t, flinktest.Flink23, job)
		w.SetInput(backlog.NewTopic(flinktest.JobName, "v0", topic))
		return w
	}
	topic := &simulatedTopic{}
	w := start(topic)
	var first snapshot.Vertex
	for first.RetentionLeft == nil {
		first = w.poll().Vertices[0]
	}
	require.InDelta(t, 3600, *first.Retention, 0)
	for range 16 {
		w.poll()
	}
	last := w.poll().Vertices[0]
	require.Less(t, *last.RetentionLeft, *first.RetentionLeft-30)
	require.NotEmpty(t, topic.next)

	w = start(&simulatedTopic{forever: true})
	for range 4 {
		require.Nil(t, w.poll().Vertices[0].RetentionLeft, "it keeps all")
	}
	w = start(&simulatedTopic{broken: true})
	for range 4 {
		require.Nil(t, w.poll().Vertices[0].RetentionLeft, "unknown")
	}
}

// TestBacklogDuringASinkOutage has a sink that stalls after two minutes, while 100 records
// per second arrive.
func TestBacklogDuringASinkOutage(t *testing.T) {
	for name, test := range map[string]struct{ broken, configured, known bool }{
		"by Kafka's end offsets":    {configured: true, known: true},
		"the brokers do not answer": {configured: true, broken: true},
		"no brokers are known":      {},
	} {
		t.Run(name, func(t *testing.T) {
			job := &simulate.Job{Vertices: with(chain(simulate.Steady(100), 2000, 329), 1,
				func(v *simulate.Vertex) { v.Stalled = simulate.From(0, 2*time.Minute, 1) })}
			w := watch(t, flinktest.Flink23, job)
			topic := &simulatedTopic{job: job, broken: test.broken}
			if test.configured {
				w.SetInput(backlog.NewTopic(flinktest.JobName, "v0", topic))
			}
			for range 8 {
				w.poll()
			}
			for range 8 {
				w.poll()
			}
			seen := w.poll()
			require.Equal(t, test.known, seen.Vertices[0].Pending != nil)
			require.Nil(t, seen.Headroom, "nothing is read")
			if test.known {
				require.Greater(t, w.now().waiting, 10_000.0)
				require.InDelta(t, w.now().waiting, *seen.Vertices[0].Pending, 5)
			}
		})
	}
}

// TestAnotherClientDoesNotMakeABacklogGrow has somebody open Flink's own page: Flink then renews its
// metrics some seconds before each poll, and not because of the poll. What was read is older than before,
// while the brokers tell the present.
func TestAnotherClientDoesNotMakeABacklogGrow(t *testing.T) {
	const rate, capacity = 200, 370
	w := watch(t, flinktest.Flink23, &simulate.Job{Vertices: chain(simulate.Steady(rate), 2000, capacity)})
	w.reads("v0")
	for range 8 {
		w.poll()
	}
	for range 8 {
		w.pass(10 * time.Second)
		_, err := w.client.JobMetrics(t.Context(), w.JobID, []string{"uptime"})
		require.NoError(t, err)
		w.pass(5*time.Second - 15*time.Second) // the poll comes 5 s later
		seen := w.poll()
		require.InEpsilon(t, capacity, *seen.Capacity, 0.02)
		require.InEpsilon(t, float64(capacity)/rate-1, *seen.Headroom, 0.05)
	}
}

// TestReadOffsets follows the offsets of a source through Flink's metrics.
func TestReadOffsets(t *testing.T) {
	job := &simulate.Job{Vertices: chain(simulate.Steady(100), 2000, 329)}
	w := watch(t, flinktest.Flink23, job)
	view := w.View(flinktest.JobName)
	require.Nil(t, view.ReadOffsets(), "no poll yet")
	w.SetInput(backlog.NewTopic(flinktest.JobName, "v0", &simulatedTopic{job: job}))
	var first *snapshot.ReadOffsets
	for first == nil {
		w.poll()
		first = view.ReadOffsets()
	}
	require.Len(t, first.Last, len(job.Subtasks(vertexID(0))))
	for range 4 {
		w.poll()
	}
	last := view.ReadOffsets()
	require.True(t, last.At.After(first.At))
	require.Equal(t, 15*time.Second, last.Age, "a poll may find what the poll before it caused")
	for i, subtask := range job.Subtasks(vertexID(0)) {
		require.Greater(t, last.Last[int32(i)], first.Last[int32(i)])
		require.LessOrEqual(t, float64(last.Last[int32(i)]), subtask.Read-1, "not yet read")
	}
	require.Nil(t, w.View("another job").ReadOffsets())
}

func TestAgeOfMetrics(t *testing.T) {
	before := time.Now()
	for name, test := range map[string]struct {
		interval, answered, renewed, want time.Duration
	}{
		"the defaults":          {15 * time.Second, 16 * time.Second, 10 * time.Second, 16 * time.Second},
		"polls that are faster": {5 * time.Second, 6 * time.Second, 10 * time.Second, 16 * time.Second},
		"Flink hides it":        {15 * time.Second, 16 * time.Second, 0, 0},
	} {
		p := &poll{Collector: &Collector{last: pollResult{taken: before}}, now: before.Add(test.interval)}
		require.Equal(t, test.want, p.age(&settings{renewed: test.renewed}, before.Add(test.answered)), name)
	}
	require.Zero(t, (&poll{Collector: &Collector{}}).age(&settings{renewed: time.Second}, before), "the first poll")
}

func TestReadOffsetsOfTwoSources(t *testing.T) {
	job := jobRead{}
	at := time.Now()
	job.readUpTo(map[int32]int64{0: 5, 1: 7, 2: 1}, at, time.Second)
	job.readUpTo(map[int32]int64{0: 4, 1: 9}, at.Add(time.Second), time.Second)
	require.Equal(t, &snapshot.ReadOffsets{Last: map[int32]int64{0: 4, 1: 7}, At: at.Add(time.Second), Age: time.Second},
		job.read, "what both have read")
}
