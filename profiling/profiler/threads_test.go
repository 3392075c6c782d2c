package profiler

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

const threadsOf = "GET /taskmanagers/tm1/thread-dump"

func threadDump(t *testing.T) answer { return pageOf(t, "flink-2.3.0-tm-threads.json") }

func TestTakeThreads(t *testing.T) {
	b := newBench(t)
	b.flink.on(threadsOf, threadDump(t))
	result, err := b.Take(t.Context(), "tm1", flame.Threads, 5*time.Second)
	require.NoError(t, err)
	require.Len(t, b.flink.requests(), 11, "one at the start and one each half of a second")
	profile := result.Profile
	require.Equal(t, "THREADS", profile.Mode)
	require.Equal(t, "tm1", profile.Process)
	require.Equal(t, 5*time.Second, profile.Duration)
	require.Equal(t, "good", profile.Grade)
	require.Zero(t, profile.Samples%11, "all dumps are the same")
	require.Len(t, profile.Warnings, 1)
	require.Contains(t, profile.Warnings[0], "It is made of 11 thread dumps")
	require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues("THREADS", "finished")), 0)
	require.InDelta(t, 5, testutil.ToFloat64(b.Metrics.seconds.WithLabelValues("THREADS")), 0)

	tree, err := b.store.Tree(profile.Hash)
	require.NoError(t, err)
	require.Equal(t, profile.Samples, tree.Total())
	page, err := b.store.Page(profile.Hash)
	require.NoError(t, err)
	require.Equal(t, pagestore.CollapsedStacks, pagestore.KindOf(page))
}

func TestTakeThreadsOfTheJobManager(t *testing.T) {
	b := newBench(t)
	b.flink.on("GET /jobmanager/thread-dump", threadDump(t))
	result, err := b.Take(t.Context(), snapshot.JobManager, flame.Threads, time.Second)
	require.NoError(t, err)
	require.Equal(t, snapshot.JobManager, result.Profile.Process)
}

// TestThreadDumpsLeaveTheProcessAlone: a process with slow dumps gets few of them.
func TestThreadDumpsLeaveTheProcessAlone(t *testing.T) {
	b := newBench(t)
	b.flink.on(threadsOf, threadDump(t))
	clock := b.Now
	asked := 0
	b.Now = func() time.Time { // each look at the clock is 200 ms later
		asked++
		return clock().Add(time.Duration(asked) * 200 * time.Millisecond)
	}
	_, err := b.Take(t.Context(), "tm1", flame.Threads, 5*time.Second)
	require.NoError(t, err)
	for _, pause := range b.slept {
		require.Equal(t, 800*time.Millisecond, pause, "four times as long as a dump takes")
	}
	require.Less(t, len(b.flink.requests()), 6)
}

// TestADumpThatTakesLongIsTheLast: it pauses the whole process.
func TestADumpThatTakesLongIsTheLast(t *testing.T) {
	b := newBench(t)
	b.flink.on(threadsOf, threadDump(t))
	clock := b.Now
	asked := 0
	b.Now = func() time.Time {
		asked++
		return clock().Add(time.Duration(asked) * 2100 * time.Millisecond)
	}
	result, err := b.Take(t.Context(), "tm1", flame.Threads, 5*time.Minute)
	require.NoError(t, err)
	require.Len(t, b.flink.requests(), 1)
	require.Contains(t, strings.Join(result.Profile.Warnings, "\n"), "One took Flink 2.1s, so no more were taken")
}

func TestThreadDumpsThatAreMissing(t *testing.T) {
	broken, gone := answer{status: http.StatusBadGateway},
		captured(t, http.StatusInternalServerError, "unknown_taskmanager.json")
	for name, test := range map[string]struct {
		answers []answer
		want    Outcome
		missed  string
	}{
		"one in the middle": {
			[]answer{threadDump(t), broken, threadDump(t)},
			Finished,
			"Flink did not answer 1 more requests.",
		},
		"the first":       {[]answer{broken, threadDump(t)}, Unreachable, ""},
		"no such process": {[]answer{gone}, UnknownProcess, ""},
		"it goes away":    {[]answer{threadDump(t), gone}, Lost, ""},
		"what is none":    {[]answer{{status: http.StatusOK, body: []byte(`<html>`)}}, Unreadable, ""},
		"forbidden":       {[]answer{threadDump(t), {status: http.StatusForbidden}}, Refused, ""},
		"nothing there":   {nil, Disabled, ""},
		"too large": {
			[]answer{{status: http.StatusOK, body: bytes.Repeat([]byte(" "), maxDump+1)}},
			TooLarge, "",
		},
		"the body is broken": {
			[]answer{{status: http.StatusOK, body: []byte(`{"threadInfos":[`), hangUp: true}},
			Unreachable, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.flink.on(threadsOf, test.answers...)
			result, err := b.Take(t.Context(), "tm1", flame.Threads, 2*time.Second)
			if test.want == Finished {
				require.NoError(t, err)
				require.Contains(t, strings.Join(result.Profile.Warnings, "\n"), test.missed)
				return
			}
			var failure *Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.want, failure.Outcome, "%v", err)
		})
	}
}

func TestCutThreadsAreTold(t *testing.T) {
	b := newBench(t)
	b.flink.on(threadsOf, answer{
		status: http.StatusOK,
		body:   []byte(`{"threadInfos":[{"stringifiedThreadInfo":"\tat A.b(A.java:1)\n\t...\n"}]}`),
	})
	result, err := b.Take(t.Context(), "tm1", flame.Threads, time.Second)
	require.NoError(t, err)
	require.Contains(t, strings.Join(result.Profile.Warnings, "\n"),
		"3 of 3 stacks are cut off below (raise cluster.thread-dump.stacktrace-max-depth)")
	require.Equal(t, "bad", result.Profile.Grade)
}
