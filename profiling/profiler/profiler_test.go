package profiler

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	start = "POST /taskmanagers/tm1/profiler"
	list  = "GET /taskmanagers/tm1/profiler"
	file  = "GET /taskmanagers/tm1/profiler/tm1_ITIMER_2026-11-22_22_14_08.html"
)

// ready prepares the answers of a run that goes well.
func (b *bench) ready(t *testing.T) {
	t.Helper()
	b.flink.on(start, captured(t, 200, "start.json"))
	b.flink.on(list, captured(t, 200, "list_running.json"), captured(t, 200, "list_running.json"),
		captured(t, 200, "list_finished.json"))
	b.flink.on(file, pageOf(t, "flink-2.3.0-tm-ITIMER.html"))
}

func TestTake(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	begun := b.Now()
	result, err := b.Take(t.Context(), "tm1", flame.ITIMER, 3500*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, []string{start + ` {"mode":"ITIMER","duration":4}`, list, list, list, file}, b.flink.requests())
	require.Equal(t, []time.Duration{4 * time.Second, 200 * time.Millisecond, 400 * time.Millisecond}, b.slept)

	profile := result.Profile
	require.Len(t, profile.ID, 26)
	require.Len(t, profile.Hot, 20)
	require.Equal(t, episode.HotFrame{Name: "__futex_abstimed_wait_common", Self: 5, Total: 5}, profile.Hot[0])
	profile.ID, profile.Hot = "", nil
	require.Equal(t, episode.Profile{
		Mode: "ITIMER", Process: "tm1", Taken: begun, Duration: 4589 * time.Millisecond, Samples: 327, Grade: "good",
		Hash: "e0dbfe0de10cc242a9f58d472866d66120ec2bb3e2d4fc2c710c9d762441c9f9",
	}, profile)
	require.EqualValues(t, 327, result.Tree.Total())

	again, err := b.store.Tree(result.Profile.Hash)
	require.NoError(t, err)
	require.Equal(t, result.Tree.Frames(), again.Frames())
	require.NoError(t, testutil.CollectAndCompare(b.Metrics, strings.NewReader(`
# HELP flink_sidecar_profile_seconds_total Total sampled time of Flink's processes, by mode.
# TYPE flink_sidecar_profile_seconds_total counter
flink_sidecar_profile_seconds_total{mode="ALLOC"} 0
flink_sidecar_profile_seconds_total{mode="CPU"} 0
flink_sidecar_profile_seconds_total{mode="ITIMER"} 4.589
flink_sidecar_profile_seconds_total{mode="LOCK"} 0
flink_sidecar_profile_seconds_total{mode="THREADS"} 0
flink_sidecar_profile_seconds_total{mode="WALL"} 0
`), "flink_sidecar_profile_seconds_total"))
	require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues("ITIMER", "finished")), 0)
}

// An earlier process of the sidecar has begun the run and was killed.
func TestARunThatHasBegunIsUsed(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	b.flink.on(list, captured(t, 200, "list_finished.json"))
	var listed struct {
		Runs []run `json:"profilingList"`
	}
	require.NoError(t, json.Unmarshal(captured(t, 200, "list_finished.json").body, &listed))
	began := time.UnixMilli(listed.Runs[0].TriggerTime)
	result, err := b.TakeSince(t.Context(), "tm1", flame.ITIMER, 4*time.Second, began.Add(-time.Second))
	require.NoError(t, err)
	require.Equal(t, []string{list, list, file}, b.flink.requests(), "no run begins")
	require.True(t, began.Equal(result.Profile.Taken))

	b.flink.on(list, captured(t, 200, "list_running.json"), captured(t, 200, "list_running.json"),
		captured(t, 200, "list_finished.json"))
	_, err = b.TakeSince(t.Context(), "tm1", flame.ITIMER, 4*time.Second, began.Add(-time.Second))
	require.NoError(t, err)
	require.NotContains(t, b.flink.requests(), start+` {"mode":"ITIMER","duration":4}`, "it still goes on")

	b.ready(t)
	_, err = b.TakeSince(t.Context(), "tm1", flame.ITIMER, 4*time.Second, began.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, list, b.flink.requests()[0])
}

func TestTakeOfTheJobManager(t *testing.T) {
	b := newBench(t)
	b.flink.on("POST /jobmanager/profiler", captured(t, 200, "start.json"))
	b.flink.on("GET /jobmanager/profiler", captured(t, 200, "list_finished.json"))
	b.flink.on("GET /jobmanager/profiler/tm1_ITIMER_2026-11-22_22_14_08.html", pageOf(t, "flink-2.3.0-jm-ITIMER.html"))
	result, err := b.Take(t.Context(), snapshot.JobManager, flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
	require.Equal(t, "jobmanager", result.Profile.Process)
	require.EqualValues(t, 22, result.Profile.Samples)
	require.Equal(t, []string{"It is poor: only 22 samples (profile for longer, or under load)."},
		result.Profile.Warnings)
}

// Flink 1.20 says the same in the same words.
func TestRunIsFoundByTriggerTimeAndMode(t *testing.T) {
	b := newBench(t)
	text, err := os.ReadFile("testdata/list-1.20.5.json")
	require.NoError(t, err)
	b.flink.on(start, answer{200, []byte(`{"status":"RUNNING","mode":"WALL","triggerTime":1795373429472,"finishedTime":null,"duration":8,"message":null,"outputFile":null,"profilingMode":"WALL"}`), false})
	b.flink.on(list, answer{200, text, false})
	b.flink.on("GET /taskmanagers/tm1/profiler/tm1_WALL_2026-11-22_18_50_37.html",
		pageOf(t, "flink-2.3.0-tm-WALL.html"))
	result, err := b.Take(t.Context(), "tm1", flame.Wall, 8*time.Second)
	require.NoError(t, err)
	require.EqualValues(t, 20314, result.Profile.Samples)
	require.Equal(t, 8025*time.Millisecond, result.Profile.Duration)
}

// A page whose connection breaks is fetched again; so is one that is cut off.
func TestPageIsFetchedAgain(t *testing.T) {
	whole := pageOf(t, "flink-2.3.0-tm-ITIMER.html")
	for _, first := range []answer{{200, whole.body[:100_000], true}, {200, whole.body[:100_000], false}} {
		b := newBench(t)
		b.ready(t)
		b.flink.on(file, first, whole)
		result, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
		require.NoError(t, err)
		require.EqualValues(t, 327, result.Profile.Samples)
	}
}

func TestTakeOutlastsARestartOfTheJobManager(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	unavailable := answer{503, []byte(`{"errors":["Service temporarily unavailable due to an ongoing leader election. Please refresh."]}`), false}
	b.flink.on(list, unavailable, answer{200, []byte(`{"profil`), true}, unavailable,
		captured(t, 200, "list_finished.json"))
	_, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
}

func TestTakeWaitsForTheRunOfAStranger(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	busy := captured(t, 500, "still_under_profiling.json")
	b.flink.on(start, busy, busy, captured(t, 200, "start.json"))
	finished := captured(t, 200, "list_finished.json")
	b.flink.on(list, captured(t, 200, "list_running.json"), finished, captured(t, 200, "list_running.json"),
		finished, finished)
	_, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
	var asked []string
	for _, request := range b.flink.requests() {
		asked = append(asked, strings.SplitN(request, " {", 2)[0])
	}
	require.Equal(t, []string{start, list, list, start, list, list, start, list, file}, asked)

	b.flink.on(start, busy)
	b.flink.on(list, captured(t, 200, "list_running.json"))
	before := b.Now()
	_, err = b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.EqualError(t, err, "profiling: tm1: ITIMER: another profile of it is in progress "+
		"(wait for it to end; Flink's UI lists it)")
	require.InDelta(t, (6 * time.Minute).Seconds(), b.Now().Sub(before).Seconds(), 3)

	b.flink.on(list, finished)
	_, err = b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.EqualError(t, err, "profiling: tm1: ITIMER: another profile of it is in progress: "+
		"java.lang.IllegalStateException: tm1 is still under profiling. "+
		"(wait for it to end; Flink's UI lists it)")
}

func TestWedgedProcessIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	b.flink.on(start, captured(t, 200, "already_started.json"))
	_, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.ErrorContains(t, err, "Profiler already started")
	require.Len(t, b.flink.requests(), 1)

	_, err = b.Take(t.Context(), "tm1", flame.Alloc, 4*time.Second)
	require.EqualError(t, err, "profiling: tm1: ALLOC: its profiler can no longer be stopped or started: it "+
		"failed this way within the last hour, so no request was sent "+
		"(create the directory of rest.profiling.dir where it runs, make room there, and restart the process)")
	require.Empty(t, b.flink.requests())

	b.ready(t)
	b.clock = b.clock.Add(wedgedFor + time.Second)
	_, err = b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
}

func TestUnreachableFlink(t *testing.T) {
	b := newBench(t)
	b.flink.Close()
	_, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	var failure *Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, Unreachable, failure.Outcome)
	require.ErrorContains(t, err, "connection refused (check that the JobManager runs and flink.url is right)")
}

func TestIdsAndNamesAreEscaped(t *testing.T) {
	b := newBench(t)
	b.flink.on("POST /taskmanagers/..%2Fx%3Fy%0A/profiler", captured(t, 404, "disabled.json"))
	_, err := b.Take(t.Context(), "../x?y\n", flame.ITIMER, time.Second)
	require.EqualError(t, err, "profiling: ../x?y: ITIMER: Flink does not offer its profiler: Not found: "+
		"/jobmanager/profiler (set rest.profiling.enabled: true, use Flink 1.19 or later, and let a proxy before "+
		"the JobManager pass POST)")
}

// A page that cannot be kept is still a profile.
func TestPageThatIsNotKept(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	b.store.Dir = "/dev/null/profiles"
	result, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
	require.EqualValues(t, 327, result.Profile.Samples)
	require.Equal(t, []string{
		"Its page is not kept: mkdir /dev/null: not a directory (make the directory writable).",
	},
		result.Profile.Warnings)
}

func TestTakeEndsWithItsContext(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.Sleep = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	_, err := b.Take(ctx, "tm1", flame.ITIMER, 4*time.Second)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "profiling: tm1: ITIMER: it was canceled: context canceled "+
		"(take it again; Flink ends the run by itself)")
	require.Empty(t, b.queues)
}

// Two runs of one process follow each other; runs of two processes do not wait.
func TestOneRunForAProcessAtATime(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	b.flink.on("POST /taskmanagers/tm2/profiler", captured(t, 404, "disabled.json"))
	sampling, goOn := make(chan struct{}), make(chan struct{})
	b.Sleep = func(_ context.Context, d time.Duration) error {
		if d == 4*time.Second {
			sampling <- struct{}{}
			<-goOn
		}
		return nil
	}
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
			done <- err
		}()
	}
	<-sampling
	_, err := b.Take(t.Context(), "tm2", flame.ITIMER, time.Second)
	require.ErrorContains(t, err, "Flink does not offer its profiler")

	// The second is in the queue for tm1 and leaves it when it is canceled.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = b.Take(ctx, "tm1", flame.ITIMER, 4*time.Second)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	b.flink.requests()
	goOn <- struct{}{}
	<-sampling
	require.NoError(t, <-done)
	require.Equal(t, start+` {"mode":"ITIMER","duration":4}`, b.flink.requests()[4])
	goOn <- struct{}{}
	require.NoError(t, <-done)
	require.Empty(t, b.queues)
}

func TestCountSkipped(t *testing.T) {
	b := newBench(t)
	b.CountSkipped(flame.ITIMER, OverBudget)
	require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues("ITIMER", "over_budget")), 0)
}

func TestEmptyProfileIsAWarning(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	b.flink.on(file, answer{http.StatusOK, []byte("f(0,0,0,2,'all')\n</script></body></html>\n"), false})
	result, err := b.Take(t.Context(), "tm1", flame.ITIMER, 4*time.Second)
	require.NoError(t, err)
	require.Equal(t, []string{"It has no samples: nothing of this kind happened."}, result.Profile.Warnings)
}

// The JobManagers of two clusters have one name, and are two processes.
func TestProfilersOfTwoClustersCountTogether(t *testing.T) {
	b := newBench(t)
	b.ready(t)
	other := New(client{"http://other.invalid"}, b.store, b.Metrics, b.log)
	b.setWedged("tm1")
	require.True(t, b.isWedged("tm1"))
	require.False(t, other.isWedged("tm1"))
	other.CountSkipped(flame.ITIMER, OverBudget)
	require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues("ITIMER", string(OverBudget))), 0)
}
