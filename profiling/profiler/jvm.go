package profiler

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
)

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
