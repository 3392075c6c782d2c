package profiling

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

func TestBreakdown(t *testing.T) {
	const operator = "java/lang/Thread.run;org/apache/flink/runtime/taskmanager/Task.run;org/apache/flink/streaming/api/operators/StreamMap.processElement;com/acme/\xff.map"
	tree := flame.New()
	add := func(stack string, samples int64) { tree.Add(strings.Split(stack, ";"), samples) }
	add(operator, 500)
	add(operator+";java/util/regex/Pattern.compile", 494)
	add(operator+";java/time/Instant.now", 6)
	add("CompileBroker::compiler_thread_loop()", 5000)
	orders := episode.JobRef{Cluster: "eu", Job: "orders"}
	m := newBreakdown()
	m.publish(orders, episode.Profile{
		Mode: "ITIMER", Grade: "good", Samples: 6000,
		Taken: time.UnixMilli(1795374520500),
	}, tree)
	m.publish(orders, episode.Profile{Mode: "ALLOC", Role: episode.Control}, tree)
	m.publish(orders, episode.Profile{Mode: "VERTEX"}, tree)
	m.publish(episode.JobRef{Cluster: "eu"}, episode.Profile{Mode: "ITIMER"}, tree)
	want := `
# HELP flink_sidecar_profile_samples Samples of all threads in the job's latest profile of the mode; grade is its quality: good, poor or bad.
# TYPE flink_sidecar_profile_samples gauge
flink_sidecar_profile_samples{cluster="eu",grade="good",job="orders",mode="ITIMER"} 6000
# HELP flink_sidecar_profile_timestamp_seconds Start of the job's latest profile of the mode, in Unix time.
# TYPE flink_sidecar_profile_timestamp_seconds gauge
flink_sidecar_profile_timestamp_seconds{cluster="eu",job="orders",mode="ITIMER"} 1.7953745205e+09
# HELP flink_sidecar_profile_work_ratio Share of the samples of task threads that an operator spends on a kind of work, in the job's latest profile of the mode. Shares below 1 % are added up as operator rest. The sum is 1; a bad profile has no series.
# TYPE flink_sidecar_profile_work_ratio gauge
flink_sidecar_profile_work_ratio{category="regex",cluster="eu",job="orders",mode="ITIMER",operator="StreamMap (com.acme.` + "\uFFFD" + `)"} 0.494
flink_sidecar_profile_work_ratio{category="rest",cluster="eu",job="orders",mode="ITIMER",operator="rest"} 0.006
flink_sidecar_profile_work_ratio{category="user-code",cluster="eu",job="orders",mode="ITIMER",operator="StreamMap (com.acme.` + "\uFFFD" + `)"} 0.5
`
	require.NoError(t, testutil.CollectAndCompare(m, strings.NewReader(want)))
	m.publish(orders, episode.Profile{Mode: "WALL", Grade: "bad", Samples: 9, Taken: time.UnixMilli(1)}, tree)
	require.Equal(t, 7, testutil.CollectAndCount(m), "of a bad one it is said that there is one")
	delete(m.latest, jobMode{orders, "WALL"})
	m.keepOnly(listing("us"))
	require.Equal(t, 5, testutil.CollectAndCount(m))
	m.keepOnly(listing("eu", "orders"))
	require.Equal(t, 5, testutil.CollectAndCount(m))
	m.keepOnly(listing("eu"))
	require.Zero(t, testutil.CollectAndCount(m))
}

// listing is a poll that lists these jobs.
func listing(cluster string, jobs ...string) snapshot.State {
	state := snapshot.State{Cluster: snapshot.Cluster{Name: cluster}}
	for _, name := range jobs {
		state.Jobs = append(state.Jobs, snapshot.Job{Name: name})
	}
	return state
}

// TestWorkIsShownAgainAfterARestart: the newest profile of each mode, if its page still
// exists.
func TestWorkIsShownAgainAfterARestart(t *testing.T) {
	page, err := os.ReadFile("../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	store := &pagestore.Store{Dir: t.TempDir()}
	require.NoError(t, store.Put(page))
	at := time.UnixMilli(1795374520500)
	taken := func(mode string, role episode.Role, age time.Duration) episode.Profile {
		return episode.Profile{
			Mode: mode, Role: role, Hash: pagestore.HashOf(page), Grade: "good", Samples: 327,
			Taken: at.Add(-age),
		}
	}
	lost := taken("CPU", "", 0)
	lost.Hash = strings.Repeat("0", 64)
	orders := episode.Alert{Cluster: "eu", Job: "orders"}
	s := NewService(Options{Store: store, Log: slog.New(slog.DiscardHandler)})
	s.Restore([]episode.Episode{
		{Alert: orders, Profiles: []episode.Profile{
			taken("ITIMER", episode.Control, -time.Hour),
			taken("VERTEX", "", 0), lost, taken("ITIMER", "", 0),
		}},
		{Alert: orders, Profiles: []episode.Profile{taken("ITIMER", "", time.Hour), taken("WALL", "", time.Hour)}},
	})
	require.NoError(t, testutil.CollectAndCompare(s.breakdown, strings.NewReader(`
# HELP flink_sidecar_profile_timestamp_seconds Start of the job's latest profile of the mode, in Unix time.
# TYPE flink_sidecar_profile_timestamp_seconds gauge
flink_sidecar_profile_timestamp_seconds{cluster="eu",job="orders",mode="ITIMER"} 1.7953745205e+09
flink_sidecar_profile_timestamp_seconds{cluster="eu",job="orders",mode="WALL"} 1.7953709205e+09
`), "flink_sidecar_profile_timestamp_seconds"))
	require.NotZero(t, testutil.CollectAndCount(s.breakdown, "flink_sidecar_profile_work_ratio"))
}
