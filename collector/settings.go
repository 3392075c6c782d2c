package collector

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// settings are the settings of a run of a job.
type settings struct {
	// hash covers the settings that belong to an epoch; hashes has one of each, by source
	// and key.
	hash   string
	hashes map[string]string
	// shown are the values of the settings in shownSettings, by source and key.
	shown       map[string]string
	checkpoints snapshot.CheckpointPlan
	// renewed is the time after which Flink renews its metrics; 0 if it is not known.
	renewed time.Duration
}

// settingsRequests is how many requests readSettings sends.
const settingsRequests = 3

// readSettings reads the settings of a job. Settings that Flink does not permit to read
// count as none; if Flink does not answer it returns nil.
func (p *poll) readSettings(ctx context.Context, job string) *settings {
	cluster, err1 := p.client.JobManagerConfig(ctx)
	execution, err2 := p.client.JobConfig(ctx, job)
	checkpoints, err3 := p.client.CheckpointConfig(ctx, job)
	for _, err := range []error{err1, err2, err3} {
		if _, refused := errors.AsType[*flink.StatusError](err); err != nil && !refused {
			p.note(err)
			return nil
		}
	}
	s := &settings{hashes: map[string]string{}, shown: map[string]string{}, checkpoints: checkpointPlan(checkpoints)}
	if err1 == nil {
		s.renewed, _ = cluster.MetricsInterval()
	}
	s.add("cluster", cluster, ofEpoch)
	s.add("job", execution, portable)
	s.add("checkpoints", checkpoints, portable)
	return s
}

// readConnectors reads which connectors Flink has; nil if it does not answer.
func (p *poll) readConnectors(ctx context.Context) []string {
	files, err := p.client.Classpath(ctx)
	if _, refused := errors.AsType[*flink.StatusError](err); err != nil && !refused {
		return nil
	}
	return connectorsIn(files)
}

// maxConnectors bounds the connectors that are kept.
const maxConnectors = 50

// connectorsIn are the names of the files that hold connectors, which tell their versions:
// flink-connector-files-2.3.0.
func connectorsIn(files []string) []string {
	found := []string{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".jar")
		if strings.Contains(name, "connector") && len(found) < maxConnectors {
			found = append(found, plaintext.Line(name, exposition.MaxLabel))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// maxSettings bounds the settings that are kept one by one.
const maxSettings = 500

// add takes the settings of one source that belong to an epoch.
func (s *settings) add(from string, all flink.Settings, keep func(key, value string) bool) {
	lines := []string{s.hash}
	for key, value := range all {
		if !keep(key, value) || ofScale(key) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %q %q", from, key, value))
		name := from + " " + plaintext.Line(key, exposition.MaxLabel)
		s.keepShown(name, value)
		if len(s.hashes) < maxSettings {
			s.hashes[name] = hash(value)[:shortHash]
		}
	}
	slices.Sort(lines)
	s.hash = hash(lines...)
}

// shortHash is long enough to distinguish two values, and too short to recover a value.
const shortHash = 8

// epochPrefixes are the cluster's settings that change how a job runs. Sizes of
// TaskManagers are in the shape, and what a job overrides is in its own settings.
func epochPrefixes() []string {
	return []string{
		"cluster.", "execution.", "jobmanager.scheduler", "jobmanager.adaptive-", "parallelism.", "pipeline.",
		"restart-strategy",
		"state.", "table.", "taskmanager.network.", "taskmanager.load-balance.",
	}
}

func ofEpoch(key, value string) bool {
	return slices.ContainsFunc(epochPrefixes(),
		func(prefix string) bool { return strings.HasPrefix(key, prefix) }) && portable(key, value)
}

// ofScale reports whether a setting only asks for a parallelism: the vertices show its
// effect.
func ofScale(key string) bool {
	return key == "job-parallelism" || key == "parallelism.default" ||
		key == "pipeline.jobvertex-parallelism-overrides"
}

var address = regexp.MustCompile(`^[^\s,]+:\d+(,[^\s,]+:\d+)*$`)

// portable reports whether a setting describes how a job runs, and not where: addresses,
// paths and ids differ between two runs of the same software.
func portable(key, value string) bool {
	return !strings.Contains(value, "://") && !strings.HasPrefix(value, "/") &&
		!address.MatchString(value) && !strings.HasSuffix(key, ".id") && !strings.HasSuffix(key, "-id")
}
