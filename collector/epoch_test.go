package collector

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestEpochStaysWhenDetailsAreMissing has one missing answer: the job stays in its epoch.
func TestEpochStaysWhenDetailsAreMissing(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	epoch, _ := l.Epoch(orders)
	l.Break(flinktest.Status(500), l.JobID)
	l.next()
	l.shows(1, "flink_job_info", "epoch", epoch.Key)
}

func TestEpoch(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	var told []episode.Epoch
	l.OnEpoch = func(e episode.Epoch) { told = append(told, e) }
	_, known := l.Epoch(orders)
	require.False(t, known)
	l.next()
	l.next()
	epoch, known := l.Epoch(orders)
	require.True(t, known)
	require.Equal(t, []episode.Epoch{epoch}, told, "told once")
	require.Equal(t, "lab", epoch.Cluster)
	require.Equal(t, orders, epoch.Job)
	require.Equal(t, 4, epoch.Parallelism)
	require.Equal(t, "2.3.0", epoch.FlinkVersion)
	require.Equal(t, "1000 MiB (heap 227, off-heap 0, managed 160, network 64, metaspace 192), 2 slots, 2 cores",
		epoch.TaskManagers)
	require.Equal(t, l.now.Add(-15e9), epoch.Began)
	require.Len(t, epoch.Key, 16)
	job, _ := l.Job(orders)
	require.Equal(t, epoch.Key, job.EpochKey)
	l.shows(1, "flink_job_info", "epoch", epoch.Key, "job_id", l.JobID)
	l.shows(float64(epoch.Began.UnixMilli())/1000, "flink_job_epoch_start_time_seconds", "epoch", epoch.Key)
}

// resubmit gives the running job a new run id, as a deployment does: only then are its
// settings read again.
func (l *lab) resubmit() { clear(l.runs) }

// size is a TaskManager as it was captured, with so much managed memory in MiB.
func size(managed int) string {
	return fmt.Sprintf("1000 MiB (heap 227, off-heap 0, managed %d, network 64, metaspace 192), 2 slots, 2 cores",
		managed)
}

// setManaged gives all TaskManagers another size.
func (l *lab) setManaged(mib int) {
	l.Edit("/taskmanagers", func(d map[string]any) {
		for _, tm := range d["taskmanagers"].([]any) {
			tm.(map[string]any)["memoryConfiguration"].(map[string]any)["managedMemory"] = mib << 20
		}
	})
}

// setCluster gives the cluster another configuration.
func (l *lab) setCluster(backend, other string) {
	l.Answer("/jobmanager/config", 200,
		fmt.Sprintf(`[{"key":"state.backend.type","value":%q},{"key":"table.other","value":%q}]`, backend, other))
}

// setUserConfig sets what the job publishes as global job parameters.
func (l *lab) setUserConfig(parameters map[string]any) {
	l.Edit("/jobs/"+l.JobID+"/config", func(d map[string]any) {
		d["execution-config"].(map[string]any)["user-config"] = parameters
	})
}

// TestNewEpochs changes one thing at a time, and each is reported by its name.
func TestNewEpochs(t *testing.T) {
	for name, test := range map[string]struct {
		change func(l *lab)
		want   string
	}{
		"parallelism": {func(l *lab) { l.Resize(8, 2) }, "parallelism 4 → 8"},
		"one vertex": {func(l *lab) {
			l.EditJob(func(job map[string]any) {
				v := job["vertices"].([]any)[0].(map[string]any)
				v["parallelism"], v["tasks"] = 2, map[string]any{"RUNNING": 2}
			})
		}, "parallelism of vertices"},
		"vertex": {func(l *lab) { l.AddVertex("aa", "another") }, "plan"},
		"edge": {func(l *lab) {
			l.EditJob(func(job map[string]any) {
				node := job["plan"].(map[string]any)["nodes"].([]any)[0].(map[string]any)
				node["inputs"].([]any)[0].(map[string]any)["ship_strategy"] = "REBALANCE"
			})
		}, "plan"},
		"version": {func(l *lab) { l.SetVersion("2.3.1") }, "flink 2.3.0 → 2.3.1"},
		"memory": {func(l *lab) {
			l.setManaged(320)
			l.resubmit()
		}, "TaskManagers " + size(160) + " → " + size(320)},
		"memory of a TaskManager that joined": {
			func(l *lab) { l.setManaged(320) },
			"TaskManagers " + size(160) + " → " + size(160) + "; " + size(320),
		},
		"job parameter": {func(l *lab) {
			l.setUserConfig(map[string]any{"fixed": "kryo", "secret": "hunter2"})
			l.resubmit()
		}, "job user-config.fixed, job user-config.secret"},
		"checkpoint interval": {func(l *lab) {
			l.Edit("/jobs/"+l.JobID+"/checkpoints/config", func(d map[string]any) { d["interval"] = 60000 })
			l.resubmit()
		}, "checkpoints interval 10s → 1m0s"},
		"state backend": {func(l *lab) {
			l.setCluster("hashmap", "same")
			l.resubmit()
		}, "cluster state.backend.type rocksdb → hashmap"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, flinktest.Flink23)
			l.setCluster("rocksdb", "same")
			l.first()
			before, _ := l.Epoch(orders)
			test.change(l)
			l.next()
			after, _ := l.Epoch(orders)
			require.NotEqual(t, before.Key, after.Key)
			require.Equal(t, l.now, after.Began)
			require.Equal(t, test.want, told(after))
			require.NotContains(t, fmt.Sprint(after), "hunter2")
		})
	}
}

// told are the changes of an epoch as a person reads them.
func told(e episode.Epoch) string {
	var changes []string
	for _, c := range e.Changes {
		changes = append(changes, c.String())
	}
	return strings.Join(changes, ", ")
}

// TestJobManagerStartedAnew has it come back with another configuration and,
// with high availability, the same job.
func TestJobManagerStartedAnew(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	before, _ := l.Epoch(orders)
	l.Answer("/jobmanager/config", 200, `[{"key":"pipeline.object-reuse","value":"true"}]`)
	l.next()
	same, _ := l.Epoch(orders)
	require.Equal(t, before, same, "settings are read once per run")
	l.SetJobManagerMetric(metricnames.CPUTime, "1000000000")
	l.next()
	after, _ := l.Epoch(orders)
	require.NotEqual(t, before.Key, after.Key)
}

// TestSameEpoch has events of a job that no change caused.
func TestSameEpoch(t *testing.T) {
	for name, change := range map[string]func(l *lab){
		"nothing":            func(*lab) {},
		"a TaskManager lost": func(l *lab) { l.LoseTaskManager("tm2") },
		"restarting":         func(l *lab) { l.SetJobState("RESTARTING") },
		"submitted again":    (*lab).resubmit,
		"other addresses": func(l *lab) {
			l.Edit("/jobs/"+l.JobID+"/config", func(d map[string]any) {
				d["execution-config"].(map[string]any)["user-config"] = map[string]any{
					"bootstrap.servers": "10.0.0.1:9092,10.0.0.2:9092", "lookup.url": "http://127.0.0.1:1234/",
					"dir": "/tmp/x", "group.id": "g1",
				}
			})
			l.resubmit()
		},
		"plan in another order": func(l *lab) {
			l.EditJob(func(job map[string]any) {
				v := job["vertices"].([]any)
				v[0], v[1] = v[1], v[0]
			})
		},
		"unreachable": func(l *lab) { l.Break(flinktest.Status(500), "/overview") },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, flinktest.Flink23)
			l.first()
			before, known := l.Epoch(orders)
			require.True(t, known)
			change(l)
			l.pass(15e9)
			_ = l.Poll(t.Context()) // fails where Flink does
			after, known := l.Epoch(orders)
			require.True(t, known)
			require.Equal(t, before, after)
		})
	}
}

// TestEpochWithoutSettings has a Flink that does not permit reading its settings: the
// other parts identify the epoch.
func TestEpochWithoutSettings(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for _, path := range []string{
		"/jobmanager/config", "/jobs/" + l.JobID + "/config",
		"/jobs/" + l.JobID + "/checkpoints/config",
	} {
		l.Answer(path, 403, `{"errors":["Forbidden"]}`)
	}
	l.first()
	_, known := l.Epoch(orders)
	require.True(t, known)
}

// TestSettingsAreReadLater has them cut off at first.
func TestSettingsAreReadLater(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Break(flinktest.Truncate, "/config")
	l.first()
	_, known := l.Epoch(orders)
	require.False(t, known)
	l.shows(1, "flink_job_info", "epoch", "")
	l.Heal()
	l.next()
	_, known = l.Epoch(orders)
	require.True(t, known)
}

func TestPortable(t *testing.T) {
	for setting, want := range map[string]bool{
		"fixed=kryo,bulk":                        true,
		"interval=10 s":                          true,
		"time=12:30":                             false, // like an address; a setting lost, no epoch invented
		"bootstrap.servers=kafka:9092":           false,
		"bootstrap.servers=a:9092,b:9092":        false,
		"dir=s3://bucket/checkpoints":            false,
		"path=/var/lib":                          false,
		"group.id=orders":                        false,
		"high-availability.cluster-id=/default":  false,
		"execution.checkpointing.interval=10000": true,
	} {
		key, value, _ := strings.Cut(setting, "=")
		require.Equal(t, want, portable(key, value), setting)
	}
	require.False(t, ofEpoch("rest.port", "8081"))
	require.True(t, ofEpoch("state.backend.type", "rocksdb"))
}

func TestHashKeepsPartsApart(t *testing.T) {
	require.NotEqual(t, hash("ab", "c"), hash("a", "bc"))
	require.Len(t, hash(), 16)
	require.Equal(t, planHash(flink.Job{}), hash())
}
