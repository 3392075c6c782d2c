package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// epoch returns the key of the epoch a job is in, empty while it is unknown. It
// changes only on a job that runs as a whole: what is seen during a restart is
// no new software.
func (p *poll) epoch(job *Job, details flink.Job, r *run, taskManagers []flink.TaskManager) string {
	last := p.epochs[job.Name]
	if job.State != flink.JobRunning || len(details.Vertices) == 0 || len(taskManagers) == 0 || r.settings == nil {
		return last.Key
	}
	for _, tm := range taskManagers {
		r.shapes[shape(tm)] = struct{}{}
	}
	now := episode.Epoch{
		Cluster:      p.client.Cluster(),
		Job:          job.Name,
		PlanHash:     planHash(details),
		ConfigHash:   *r.settings,
		Parallelism:  maxParallelism(details),
		TaskManagers: strings.Join(slices.Sorted(maps.Keys(r.shapes)), "; "),
		FlinkVersion: p.found.cluster.Version.String(),
	}
	now.Key = epochKey(now)
	if now.Key != last.Key {
		now.Began = p.now
		p.changed = append(p.changed, now)
	}
	return now.Key
}

// epochKey hashes what an epoch is made of.
func epochKey(e episode.Epoch) string {
	return hash(e.Cluster, e.Job, e.PlanHash, e.ConfigHash, fmt.Sprint(e.Parallelism), e.TaskManagers, e.FlinkVersion)
}

func maxParallelism(job flink.Job) int {
	most := 0
	for _, v := range job.Vertices {
		most = max(most, v.Parallelism)
	}
	return most
}

// planHash covers vertices, their names, parallelism and edges, in whatever
// order Flink lists them.
func planHash(job flink.Job) string {
	var lines []string
	for _, v := range job.Vertices {
		lines = append(lines, fmt.Sprintf("vertex %s %q %d", v.ID, v.Name, v.Parallelism))
	}
	for _, node := range job.Plan.Nodes {
		for _, input := range node.Inputs {
			lines = append(lines, fmt.Sprintf("edge %s %s %s", input.ID, node.ID, input.ShipStrategy))
		}
	}
	slices.Sort(lines)
	return hash(lines...)
}

// shape describes the size of a TaskManager, not which or how many there are:
// losing one is no new epoch.
func shape(tm flink.TaskManager) string {
	const mib = 1 << 20
	m := tm.Memory
	return fmt.Sprintf("%d MiB (heap %d, off-heap %d, managed %d, network %d, metaspace %d), %d slots, %g cores",
		m.TotalProcess/mib, m.TaskHeap/mib, m.TaskOffHeap/mib, m.Managed/mib, m.Network/mib, m.Metaspace/mib, tm.Slots, tm.Resource.CPUCores)
}

// settingsRequests is how many requests readSettings sends.
const settingsRequests = 3

// readSettings hashes the settings a job runs with. Settings that Flink does
// not let us read count as none; if Flink did not answer it returns nil.
func (p *poll) readSettings(ctx context.Context, job string) *string {
	cluster, err1 := p.client.JobManagerConfig(ctx)
	execution, err2 := p.client.JobConfig(ctx, job)
	checkpoints, err3 := p.client.CheckpointConfig(ctx, job)
	for _, err := range []error{err1, err2, err3} {
		if _, refused := errors.AsType[*flink.StatusError](err); err != nil && !refused {
			p.note(err)
			return nil
		}
	}
	var lines []string
	lines = appendSettings(lines, "cluster", cluster, ofEpoch)
	lines = appendSettings(lines, "job", execution, portable)
	lines = appendSettings(lines, "checkpoints", checkpoints, portable)
	slices.Sort(lines)
	sum := hash(lines...)
	return &sum
}

func appendSettings(lines []string, from string, settings flink.Settings, keep func(key, value string) bool) []string {
	for key, value := range settings {
		if keep(key, value) {
			lines = append(lines, fmt.Sprintf("%s %q %q", from, key, value))
		}
	}
	return lines
}

// epochPrefixes are the cluster's settings that change how a job runs. Sizes of
// TaskManagers are in the shape, and what a job overrides is in its own
// settings.
func epochPrefixes() []string {
	return []string{
		"cluster.", "execution.", "jobmanager.scheduler", "jobmanager.adaptive-", "parallelism.", "pipeline.", "restart-strategy",
		"state.", "table.", "taskmanager.network.", "taskmanager.load-balance.",
	}
}

func ofEpoch(key, value string) bool {
	return slices.ContainsFunc(epochPrefixes(), func(prefix string) bool { return strings.HasPrefix(key, prefix) }) && portable(key, value)
}

var address = regexp.MustCompile(`^[^\s,]+:\d+(,[^\s,]+:\d+)*$`)

// portable reports whether a setting says something about how a job runs, and
// not where: addresses, paths and ids differ between two runs of the same.
func portable(key, value string) bool {
	return !strings.Contains(value, "://") && !strings.HasPrefix(value, "/") &&
		!address.MatchString(value) && !strings.HasSuffix(key, ".id") && !strings.HasSuffix(key, "-id")
}

// hash returns 16 hexadecimal digits that stand for the parts.
func hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
