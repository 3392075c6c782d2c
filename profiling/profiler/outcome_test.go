package profiler

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestOutcomes(t *testing.T) {
	finishedWith := func(change ...string) answer {
		good := captured(t, 200, "list_finished.json")
		return answer{200, []byte(strings.NewReplacer(change...).Replace(string(good.body))), false}
	}
	whole := pageOf(t, "flink-2.3.0-tm-ITIMER.html")
	for name, test := range map[string]struct {
		request string
		answers []answer
		mode    flame.Mode
		outcome Outcome
		retry   bool
		message string
	}{
		"disabled": {
			start,
			[]answer{captured(t, 404, "disabled.json")},
			"", Disabled, false,
			"profiling: tm1: ITIMER: Flink does not offer its profiler: Not found: /jobmanager/profiler (set " +
				"rest.profiling.enabled: true, use Flink 1.19 or later, and let a proxy before the JobManager " +
				"pass POST)",
		},
		"a proxy drops POST": {
			start,
			[]answer{{405, []byte("<html>no"), false}},
			"", Disabled, false,
			"profiling: tm1: ITIMER: Flink does not offer its profiler: Method Not Allowed (set " +
				"rest.profiling.enabled: true, use Flink 1.19 or later, and let a proxy before the JobManager " +
				"pass POST)",
		},
		"unknown TaskManager": {
			start,
			[]answer{captured(t, 500, "unknown_taskmanager.json")},
			"", UnknownProcess, false,
			"profiling: tm1: ITIMER: Flink knows no such TaskManager: " +
				"org.apache.flink.runtime.resourcemanager.exceptions.UnknownTaskExecutorException: No " +
				"TaskExecutor registered under nope. (choose one that Flink lists: it may have been replaced)",
		},
		"duration refused": {
			start,
			[]answer{captured(t, 500, "duration_refused.json")},
			"", Refused, false,
			"profiling: tm1: ITIMER: Flink refused the request: java.lang.IllegalArgumentException: `duration` " +
				"must be set between (0s, 60s]. " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
		"mode refused": {
			start,
			[]answer{captured(t, 400, "mode_refused.json")},
			"", Refused, false,
			"profiling: tm1: ITIMER: Flink refused the request: " +
				"org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.exc.InvalidFormatException: " +
				"Cannot deserialize value of type " +
				"`org.apache.flink.runtime.rest.messages.ProfilingInfo$ProfilingMode` from String \"itimer\": not " +
				"one of the values accepted for Enum class: [CPU, WALL, LOCK, ITIMER, ALLOC] " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
		"unauthorized": {
			start,
			[]answer{{401, nil, false}},
			"", Refused, false,
			"profiling: tm1: ITIMER: Flink refused the request: Unauthorized " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
		"a login page": {
			start,
			[]answer{{200, []byte("<html>log in"), false}},
			"", Refused, false,
			"profiling: tm1: ITIMER: Flink refused the request: the answer is not a profiler's " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
		"perf events denied": {
			list,
			[]answer{captured(t, 200, "list_perf_denied.json")},
			flame.CPU, PerfDenied, false,
			"profiling: tm1: CPU: the kernel denies access to perf events: Start profiler failed. " +
				"java.lang.IllegalStateException: No access to perf events. Try --fdtransfer or --all-user option " +
				"or 'sysctl kernel.perf_event_paranoid=1' (use ITIMER, or set kernel.perf_event_paranoid=1 there)",
		},
		"already started": {
			start,
			[]answer{captured(t, 200, "already_started.json")},
			"", Wedged, false,
			"profiling: tm1: ITIMER: its profiler can no longer be stopped or started: Start profiler failed. " +
				"java.lang.IllegalStateException: Profiler already started (create the directory of " +
				"rest.profiling.dir where it runs, make room there, and restart the process)",
		},
		"can't be stopped": {
			list,
			[]answer{{200, []byte(`{"profilingList":[{"status":"FAILED","mode":"ITIMER","triggerTime":1795385644237,"finishedTime":1795385674964,"duration":2,"message":"Stop profiler failed. java.io.IOException: No such file or directory","outputFile":null}]}`), false}},
			"", Wedged, false,
			"profiling: tm1: ITIMER: its profiler can no longer be stopped or started: Stop profiler failed. " +
				"java.io.IOException: No such file or directory (create the directory of rest.profiling.dir where " +
				"it runs, make room there, and restart the process)",
		},
		"failed for a new reason": {
			start,
			[]answer{{
				200, []byte(`{"status":"FAILED","message":"Start profiler failed. java.lang.Error:\n\tat x"}`),
				false,
			}},
			"", Failed, false,
			"profiling: tm1: ITIMER: the run failed: Start profiler failed. java.lang.Error:  at x " +
				"(see the log of the process)",
		},
		"process lost": {
			list,
			[]answer{captured(t, 200, "list_running.json"), captured(t, 500, "taskmanager_lost.json")},
			"", Lost, false,
			"profiling: tm1: ITIMER was interrupted: TaskManager tm1 went away while it was profiled; " +
				"cause not known: " +
				"org.apache.flink.runtime.rpc.exceptions.RecipientUnreachableException: Could not send message " +
				"[RemoteRpcInvocation(TaskExecutorGateway.requestProfilingList(Duration))] from sender " +
				"[Actor[pekko://flink/temp/taskmanager_0$ab]] to recipient " +
				"[Actor[pekko.tcp://flink@127.0.0.1:38265/user/rpc/taskmanager… " +
				"(read its log before you profile it again: as a precaution its vertex gets no automatic profile " +
				"for a day, which sidecar resume profiling ends)",
		},
		"process replaced": {
			list,
			[]answer{captured(t, 404, "unknown_taskmanager_list.json")},
			"", Lost, false,
			"profiling: tm1: ITIMER was interrupted: TaskManager tm1 went away while it was profiled; " +
				"cause not known: " +
				"org.apache.flink.runtime.resourcemanager.exceptions.UnknownTaskExecutorException: No " +
				"TaskExecutor registered under nope. " +
				"(read its log before you profile it again: as a precaution its vertex gets no automatic profile " +
				"for a day, which sidecar resume profiling ends)",
		},
		"process lost before": {
			start, []answer{captured(t, 500, "taskmanager_lost.json")}, "", UnknownProcess, false, "",
		},
		"forgotten": {
			list,
			[]answer{{200, []byte(`{"profilingList":[]}`), false}},
			"", Vanished, true,
			"profiling: tm1: ITIMER: the process has forgotten the run " +
				"(take it again: it restarted, or many other profiles were taken)",
		},
		"no list": {
			list,
			[]answer{{200, []byte(`{}`), false}},
			"", Refused, false,
			"profiling: tm1: ITIMER: Flink refused the request: the answer is not a profiler's " +
				"(check flink.url, flink.http and profiling.duration against rest.profiling.duration-max)",
		},
		"never ends": {
			list,
			[]answer{captured(t, 200, "list_running.json")},
			"", Overdue, false,
			"profiling: tm1: ITIMER: the run does not end (see the log of the process)",
		},
		"unavailable for too long": {
			list,
			[]answer{{503, []byte(`{"errors":["Service temporarily unavailable due to an ongoing leader election. Please refresh."]}`), false}},
			"", Unreachable, true,
			"profiling: tm1: ITIMER: Flink gave no answer: Service temporarily unavailable due to an ongoing " +
				"leader election. Please refresh. (check that the JobManager runs and flink.url is right)",
		},
		"file deleted on a TaskManager": {
			file,
			[]answer{captured(t, 500, "file_gone_taskmanager.json")},
			"", FileGone, true,
			"profiling: tm1: ITIMER: the page was deleted before it could be fetched: " +
				"java.io.FileNotFoundException: The file tm1_ITIMER_2020-01-01_00_00_00.html does not exist on " +
				"the TaskExecutor. (take it again, and raise rest.profiling.history-size if others profile too)",
		},
		"file deleted on the JobManager": {
			file,
			[]answer{captured(t, 404, "file_gone_jobmanager.json")},
			"", FileGone, true,
			"profiling: tm1: ITIMER: the page was deleted before it could be fetched: This file does not exist in " +
				"JobManager log dir. (take it again, and raise rest.profiling.history-size if others profile too)",
		},
		"no file": {
			list,
			[]answer{finishedWith(`"tm1_ITIMER_2026-11-22_22_14_08.html"`, "null")},
			"", FileGone, true,
			"profiling: tm1: ITIMER: the page was deleted before it could be fetched: the run names no file " +
				"(take it again, and raise rest.profiling.history-size if others profile too)",
		},
		"cut off twice": {
			file,
			[]answer{{200, whole.body[:100_000], false}},
			"", Unreadable, true,
			"profiling: tm1: ITIMER: the page cannot be read: line 1324: the page ends here: cut off before its " +
				"end (fetch it again)",
		},
		"not a page": {
			file,
			[]answer{{200, []byte("hello\n"), false}},
			"", Unreadable, true,
			"profiling: tm1: ITIMER: the page cannot be read: line 2: no frames: not a flame graph of " +
				"async-profiler (give the HTML file that the profiler wrote)",
		},
		"too large": {
			file,
			[]answer{{200, make([]byte, 64<<20+1), false}},
			"", TooLarge, false,
			"profiling: tm1: ITIMER: the page is larger than the limit: more than 64 MiB (take a shorter profile)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.ready(t)
			mode := flame.ITIMER
			if test.mode != "" {
				mode = test.mode
				b.flink.on(start, answer{200, []byte(`{"status":"RUNNING","mode":"CPU","triggerTime":1795374574225}`), false})
			}
			b.flink.on(test.request, test.answers...)
			result, err := b.Take(t.Context(), "tm1", mode, 4*time.Second)
			var failure *Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.outcome, failure.Outcome, err)
			require.Equal(t, test.retry, failure.Retryable())
			if test.message != "" {
				require.EqualError(t, err, test.message)
			}
			require.Zero(t, result)
			require.InDelta(t, 1, testutil.ToFloat64(b.Metrics.Profiles.WithLabelValues(string(mode),
				string(test.outcome))), 0)
		})
	}
}

func TestEveryOutcomeHasAdviceAndASeries(t *testing.T) {
	b := newBench(t)
	require.Equal(t, len(Outcomes())*7, testutil.CollectAndCount(b.Metrics, "flink_sidecar_profiles_total"))
	for _, outcome := range Outcomes()[1:] {
		require.NotEmpty(t, outcome.meaning().advice, outcome)
		require.NotEqual(t, string(outcome), outcome.meaning().what)
	}
	problems, err := testutil.CollectAndLint(b.Metrics)
	require.NoError(t, err)
	require.Empty(t, problems)
}
