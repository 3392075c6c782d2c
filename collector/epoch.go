package collector

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// rescalesTogether is the time within which changes of scale alone belong to one epoch.
const rescalesTogether = 10 * time.Minute

// epoch returns a job's epoch, without a key while it is unknown. It changes only
// while the whole job runs: what is seen during a restart is not new software.
func (p *poll) epoch(job *jobRead, details flink.Job, r *run, taskManagers []flink.TaskManager) episode.Epoch {
	last, known := p.epochs[job.Name]
	if job.State != flink.JobRunning || len(details.Vertices) == 0 || len(taskManagers) == 0 || r.settings == nil {
		return last
	}
	for _, tm := range taskManagers {
		r.shapes[shape(tm)] = struct{}{}
	}
	recalled := false
	if !known && p.Recall != nil {
		last, recalled = p.Recall(job.Name)
		r.recallShapes(last)
	}
	now := p.epochOf(job.Name, details, r)
	changes := withValues(now.ChangesSince(last), p.shown[job.Name], r.settings.shown)
	p.shown[job.Name] = r.settings.shown
	switch {
	case !known && !recalled:
		now.Key, now.Began = epochKey(now), p.now
	case len(changes) > 0:
		now = follow(last, now, changes, p.now)
	case recalled:
		now = last
	default:
		return last
	}
	p.changed = append(p.changed, now)
	return now
}

// epochOf describes the present software, settings and scale of a job.
func (p *poll) epochOf(job string, details flink.Job, r *run) episode.Epoch {
	return episode.Epoch{
		Cluster:      p.client.Cluster(),
		Job:          job,
		PlanHash:     planHash(details),
		ConfigHash:   r.settings.hash,
		Settings:     r.settings.hashes,
		Parallelism:  maxParallelism(details),
		ScaleHash:    scaleHash(details),
		TaskManagers: strings.Join(slices.Sorted(maps.Keys(r.shapes)), shapeSeparator),
		FlinkVersion: p.found.cluster.FlinkVersion,
	}
}

// follow makes a new epoch of the changes, or adds them to the last one if both are of
// scale alone and close in time. The key of an epoch that began with a change of scale
// includes the key before it: such an epoch has several scales, and must differ from
// another that began with one of them.
func follow(last, now episode.Epoch, changes []episode.Change, at time.Time) episode.Epoch {
	now.Key, now.Began, now.Changes = epochKey(now), at, changes
	if !episode.OnlyScale(changes) {
		return now
	}
	now.Rescaled = at
	now.Key = hash(last.Key, now.Key)
	if at.Sub(last.Rescaled) <= rescalesTogether {
		now.Key, now.Began, now.Changes = last.Key, last.Began, episode.Join(last.Changes, changes)
	}
	return now
}

// epochKey hashes the parts of an epoch.
func epochKey(e episode.Epoch) string {
	return hash(e.Cluster, e.Job, e.PlanHash, e.ConfigHash, e.ScaleHash, e.TaskManagers, e.FlinkVersion)
}

func maxParallelism(job flink.Job) int {
	most := 0
	for _, v := range job.Vertices {
		most = max(most, v.Parallelism)
	}
	return most
}

// planHash covers vertices, their names and edges, in whatever order Flink lists
// them, and not their parallelism.
func planHash(job flink.Job) string {
	var lines []string
	for _, v := range job.Vertices {
		lines = append(lines, fmt.Sprintf("vertex %s %q", v.ID, v.Name))
	}
	for _, node := range job.Plan.Nodes {
		for _, input := range node.Inputs {
			lines = append(lines, fmt.Sprintf("edge %s %s %s", input.ID, node.ID, input.ShipStrategy))
		}
	}
	slices.Sort(lines)
	return hash(lines...)
}

// scaleHash covers the parallelism of each vertex.
func scaleHash(job flink.Job) string {
	var lines []string
	for _, v := range job.Vertices {
		lines = append(lines, fmt.Sprintf("%s %d", v.ID, v.Parallelism))
	}
	slices.Sort(lines)
	return hash(lines...)
}

// shape describes the size of a TaskManager, not which or how many there are: losing one
// does not begin an epoch.
func shape(tm flink.TaskManager) string {
	const mib = 1 << 20
	m := tm.Memory
	return fmt.Sprintf("%d MiB (heap %d, off-heap %d, managed %d, network %d, metaspace %d), %d slots, %g cores",
		m.TotalProcess/mib, m.TaskHeap/mib, m.TaskOffHeap/mib, m.Managed/mib, m.Network/mib, m.Metaspace/mib,
		tm.Slots, tm.Resource.CPUCores)
}

const shapeSeparator = "; "

// recallShapes takes over the TaskManager sizes that the last epoch had before the
// sidecar started. If a size is new, the old ones are out of date.
func (r *run) recallShapes(last episode.Epoch) {
	before := strings.Split(last.TaskManagers, shapeSeparator)
	for shape := range r.shapes {
		if !slices.Contains(before, shape) {
			return
		}
	}
	for _, shape := range before {
		r.shapes[shape] = struct{}{}
	}
}

// hash returns 16 hexadecimal digits that stand for the parts.
func hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
