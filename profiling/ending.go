package profiling

import (
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// clocksDiffer is how far the clock of the JobManager may be from ours.
const clocksDiffer = time.Minute

// ending says what Flink knows of the end of a process since a time; empty if nothing tells.
// Only the words of Flink's failure distinguish a crash, which a profile may cause, from
// a process that somebody stopped: https://man7.org/linux/man-pages/man7/signal.7.html, and
// an exit code is 128 and the number of the signal.
func ending(state snapshot.State, job, process string, since time.Time) string {
	failed, ok := state.Job(job)
	if !ok || failed.LastFailure == nil || failed.LastFailure.At.Before(since.Add(-clocksDiffer)) {
		return ""
	}
	f := failed.LastFailure
	if f.TaskManager != process && !strings.Contains(f.Cause, process) {
		return ""
	}
	for _, known := range []struct{ words, says string }{
		{"OOMKilled", "its container ran out of memory"},
		{"exitCode=139", "it crashed (SIGSEGV)"},
		{"exitCode=134", "it crashed (SIGABRT)"},
		{"SIGSEGV", "it crashed (SIGSEGV)"},
		{"exitCode=143", "it was stopped from outside (SIGTERM)"},
		{"TaskExecutor is shutting down", "it was stopped from outside"},
	} {
		if strings.Contains(f.Cause, known.words) {
			return known.says
		}
	}
	return ""
}
