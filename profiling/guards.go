package profiling

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// settled is how long a restarted job must run before an automatic profile: it may
	// restart once more.
	settled = time.Minute
	// stormy is how long after the last of several failed checkpoints in a row a job is
	// not profiled: it already lacks time. A slow checkpoint is no storm; a profile may
	// explain it.
	stormy = 5 * time.Minute
)

// guard returns why a job is not profiled automatically now; nil if it may be.
func guard(job snapshot.Job) *Error {
	refusal := func(outcome Outcome, format string, args ...any) *Error {
		return &Error{Outcome: outcome, Process: job.Name, Cause: fmt.Sprintf(format, args...)}
	}
	switch {
	case job.Known && job.State != flink.JobRunning:
		return refusal(NotRunning, "it is %s", job.State)
	case job.Restarts != nil && *job.Restarts > 0 && job.Uptime != nil && *job.Uptime < settled.Seconds():
		return refusal(Unsettled, "it has run again for %.0f s", *job.Uptime)
	case job.Checkpoints == nil:
		return nil
	}
	if failed := failedInARow(job.Checkpoints); failed > 1 {
		return refusal(Storm, "%d failed in a row, the last %s ago", failed,
			job.Checkpoints.LastFailed.Age.Round(time.Second))
	}
	return nil
}

// failedInARow is how many checkpoints failed since the last completed one; 0 if the last
// failure is long ago. Flink numbers checkpoints one after the other.
func failedInARow(c *snapshot.Checkpoints) int64 {
	failed, last := c.LastFailed, c.Last
	switch {
	case failed == nil || failed.Age >= stormy:
		return 0
	case last == nil:
		return int64(c.Failed)
	case last.Finished.After(failed.Failed):
		return 0
	}
	return max(1, failed.ID-last.ID)
}

// wallCrashes is the first version of Java on which async-profiler 2.9, which Flink
// includes, was seen to end the JVM while it sampled by wall clock: see
// https://github.com/async-profiler/async-profiler/issues/862.
const wallCrashes = 21

// featureVersion finds the number in Flink's description of a JVM: "OpenJDK 64-Bit
// Server VM - Debian - 17/17.0.15+6", and "… - 1.8/25.402-b06" for Java 8.
var featureVersion = regexp.MustCompile(`- (?:1\.)?(\d{1,3})/`)

// JavaVersion is the version of Java, for example 17, of the JobManager; ok is false if
// Flink does not report it. TaskManagers do not report theirs: the sidecar assumes the
// same image.
func JavaVersion(ctx context.Context, flink Flink) (version int, ok bool) {
	status, answer, err := flink.Do(ctx, http.MethodGet, "/jobmanager/environment", nil, nil, maxAnswer)
	if err != nil || status != http.StatusOK {
		return 0, false
	}
	var environment struct {
		JVM struct {
			Version string `json:"version"`
		} `json:"jvm"`
	}
	if json.Unmarshal(answer, &environment) != nil {
		return 0, false
	}
	found := featureVersion.FindStringSubmatch(environment.JVM.Version)
	if found == nil {
		return 0, false
	}
	version, err = strconv.Atoi(found[1])
	return version, err == nil
}

// WallIsSafe reports whether no crash is known of sampling by wall clock on this version
// of Java. An unknown version is not safe.
func WallIsSafe(ctx context.Context, flink Flink) bool {
	version, ok := JavaVersion(ctx, flink)
	return ok && version < wallCrashes
}
