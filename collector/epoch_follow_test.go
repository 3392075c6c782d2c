package collector

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestStormOfRescales has an autoscaler at work: its changes are one epoch, until
// it rests for more than ten minutes.
func TestStormOfRescales(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	var keys []string
	l.OnEpoch = func(e episode.Epoch) { keys = append(keys, e.Key) }
	l.first()
	before, _ := l.Epoch(orders)
	began := l.now.Add(15e9)
	for _, parallelism := range []int{8, 16, 5, 32, 12} {
		l.Resize(parallelism, parallelism/2)
		l.next()
		l.pass(9 * time.Minute)
	}
	storm, _ := l.Epoch(orders)
	require.NotEqual(t, before.Key, storm.Key)
	require.Equal(t, "parallelism 4 → 12", told(storm))
	require.Equal(t, began, storm.Began)
	require.Equal(t, 12, storm.Parallelism)
	require.Equal(t, []string{before.Key, storm.Key, storm.Key, storm.Key, storm.Key, storm.Key}, keys)

	l.pass(time.Minute)
	l.Resize(8, 4)
	l.next()
	after, _ := l.Epoch(orders)
	require.NotEqual(t, storm.Key, after.Key, "one of the scales that the storm had is not the storm")
	require.Equal(t, "parallelism 12 → 8", told(after))
	job, _ := l.Job(orders)
	require.Equal(t, after.Key, job.EpochKey)

	l.SetVersion("2.3.1")
	l.next()
	upgraded, _ := l.Epoch(orders)
	require.Equal(t, "flink 2.3.0 → 2.3.1", told(upgraded), "what is not only scale begins an epoch at once")
	l.Resize(4, 2)
	l.next()
	last, _ := l.Epoch(orders)
	require.Equal(t, "parallelism 8 → 4", told(last))
}

// restart is a restarted sidecar with the content of history.
func (l *lab) restart(history map[string]episode.Epoch) {
	fresh := New(DefaultConfig(), l.client, slog.New(slog.NewTextHandler(l.log, nil)))
	fresh.Settle, fresh.Now = 0, func() time.Time { return l.now }
	fresh.Recall = func(job string) (episode.Epoch, bool) {
		last, known := history[job]
		return last, known
	}
	l.Collector = fresh
}

// written is an epoch after it went through history.
func written(t *testing.T, e episode.Epoch) episode.Epoch {
	text, err := json.Marshal(e)
	require.NoError(t, err)
	var back episode.Epoch
	require.NoError(t, json.Unmarshal(text, &back))
	return back
}

// TestEpochOutlivesTheSidecar restarts it: an epoch goes on, and what changed
// meanwhile is reported.
func TestEpochOutlivesTheSidecar(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.setCluster("rocksdb", "same")
	l.first()
	before, _ := l.Epoch(orders)
	history := map[string]episode.Epoch{orders: written(t, before)}

	l.pass(time.Hour)
	l.restart(history)
	l.next()
	same, _ := l.Epoch(orders)
	require.Equal(t, written(t, before), same)

	l.restart(history)
	l.setCluster("hashmap", "same")
	l.Resize(8, 2)
	l.next()
	after, _ := l.Epoch(orders)
	require.NotEqual(t, before.Key, after.Key)
	require.Equal(t, "cluster state.backend.type, parallelism 4 → 8", told(after))

	l.restart(nil)
	l.next()
	first, _ := l.Epoch(orders)
	require.Empty(t, first.Changes, "without history it is the first")
}

// TestStormOutlivesTheSidecar restarts it between two rescales.
func TestStormOutlivesTheSidecar(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.Resize(8, 2)
	l.next()
	storm, _ := l.Epoch(orders)
	l.restart(map[string]episode.Epoch{orders: written(t, storm)})
	l.Resize(16, 2)
	l.next()
	after, _ := l.Epoch(orders)
	require.Equal(t, storm.Key, after.Key)
	require.True(t, storm.Began.Equal(after.Began))
	require.Equal(t, "parallelism 4 → 16", told(after))
}

// TestSizesAreRecalled restarts the sidecar while the only TaskManager of one of
// two sizes is away.
func TestSizesAreRecalled(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.setManaged(320) // those that replace the first ones
	l.next()
	both, _ := l.Epoch(orders)
	l.restart(map[string]episode.Epoch{orders: written(t, both)})
	l.next()
	after, _ := l.Epoch(orders)
	require.Equal(t, both.Key, after.Key)
}

// TestScaleInSettings has an autoscaler that changes settings: the vertices show their
// effect.
func TestScaleInSettings(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	before, _ := l.Epoch(orders)
	l.Edit("/jobs/"+l.JobID+"/config",
		func(d map[string]any) { d["execution-config"].(map[string]any)["job-parallelism"] = 8 })
	l.resubmit()
	l.next()
	same, _ := l.Epoch(orders)
	require.Equal(t, before, same)
}
