package collect

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// recentCheckpoints is the number of completed checkpoints that are summarized. It is
	// what Flink remembers by default (web.checkpoints.history).
	recentCheckpoints = 10
	// mostVertices bounds the requests about the last checkpoint. In a larger job only the
	// vertex that limits is read.
	mostVertices = 50
)

// checkpoints returns what is known of the job's checkpoints, with the times at the vertex
// limiting. It is nil if the job takes no checkpoints or they are unknown.
func (g *Gatherer) checkpoints(
	ctx context.Context, c Cluster, job snapshot.Job, limiting string,
) (*evidence.Checkpoints, error) {
	if job.Checkpoints == nil || job.Plan == nil || job.Plan.Interval <= 0 {
		return nil, nil
	}
	out := &evidence.Checkpoints{Interval: job.Plan.Interval.Seconds()}
	if job.Plan.Timeout > 0 {
		out.Timeout = new(job.Plan.Timeout.Seconds())
	}
	if job.Plan.MinPause > 0 {
		out.MinPause = new(job.Plan.MinPause.Seconds())
	}
	out.FailedInARow = new(int(job.Checkpoints.FailedInARow()))
	if last := job.Checkpoints.LastFailed; last != nil {
		out.LastFailure = last.Message
	}
	settings, err := once(ctx, &g.asked, c.State, job.ID+": checkpoint settings", func() (flink.Settings, error) {
		return c.Flink.CheckpointConfig(ctx, job.ID)
	})
	if err != nil {
		return out, err
	}
	if unaligned, err := strconv.ParseBool(settings["unaligned_checkpoints"]); err == nil {
		out.Unaligned = &unaligned
	}
	answer, err := once(ctx, &g.asked, c.State, job.ID+": checkpoints", func() (flink.Checkpoints, error) {
		return c.Flink.Checkpoints(ctx, job.ID)
	})
	if err != nil {
		return out, err
	}
	out.Completed, out.Failed = new(answer.Counts.Completed), new(answer.Counts.Failed)
	return out, g.summarize(ctx, c, job, limiting, recent(answer), out)
}

// recent returns the last completed checkpoints, newest first. Savepoints do not count: a person
// takes them, and they are always full.
func recent(answer flink.Checkpoints) []flink.TriggeredCheckpoint {
	completed := slices.DeleteFunc(slices.Clone(answer.History), func(c flink.TriggeredCheckpoint) bool {
		return c.Status != flink.CheckpointCompleted || c.Savepoint
	})
	return completed[:min(len(completed), recentCheckpoints)]
}

// summarize adds the means and the greatest values of some checkpoints.
func (g *Gatherer) summarize(
	ctx context.Context, c Cluster, job snapshot.Job, limiting string, recent []flink.TriggeredCheckpoint,
	out *evidence.Checkpoints,
) error {
	if out.Of = len(recent); out.Of == 0 {
		return nil
	}
	var durations, written, sync, async, alignment sample
	for _, one := range recent {
		durations.add(one.Duration.Span().Seconds())
		written.add(one.CheckpointedBytes)
	}
	out.Duration, out.DurationMax = durations.summary()
	out.Written, out.WrittenMax = written.summary()
	out.State = new(recent[0].StateBytes)
	slowest, err := g.slowest(ctx, c, job, limiting, recent[0].ID)
	if err != nil {
		return err
	}
	for _, one := range recent {
		at, err := g.checkpointAt(ctx, c, job.ID, one.ID, limiting)
		if err != nil {
			return err
		}
		sync.addBoth(at.Means.Sync, at.Sync)
		alignment.addBoth(at.Means.Alignment, at.Alignment)
		if slowest != limiting {
			if at, err = g.checkpointAt(ctx, c, job.ID, one.ID, slowest); err != nil {
				return err
			}
		}
		async.addBoth(at.Async, at.Async)
	}
	out.Sync, out.SyncMax = sync.summary()
	out.Async, out.AsyncMax = async.summary()
	out.Alignment, out.AlignmentMax = alignment.summary()
	return nil
}

// slowest returns the vertex with the longest asynchronous part of a checkpoint: the checkpoint
// lasts at least as long.
func (g *Gatherer) slowest(
	ctx context.Context, c Cluster, job snapshot.Job, limiting string, checkpoint int64,
) (string, error) {
	found, longest := limiting, -1.0
	if len(job.Vertices) > mostVertices {
		return found, nil
	}
	for _, v := range job.Vertices {
		at, err := g.checkpointAt(ctx, c, job.ID, checkpoint, v.ID)
		if err != nil {
			return found, err
		}
		if at.Async != nil && *at.Async > longest {
			found, longest = v.ID, *at.Async
		}
	}
	return found, nil
}

// checkpointAt returns the part of a vertex in a checkpoint. It is empty if Flink has forgotten
// the checkpoint, or has no such vertex in it.
func (g *Gatherer) checkpointAt(
	ctx context.Context, c Cluster, job string, checkpoint int64, vertex string,
) (flink.VertexCheckpoint, error) {
	question := fmt.Sprintf("%s: checkpoint %d of %s", job, checkpoint, vertex)
	return once(ctx, &g.asked, c.State, question, func() (flink.VertexCheckpoint, error) {
		at, err := c.Flink.VertexCheckpoint(ctx, job, checkpoint, vertex)
		if flink.NotFound(err) {
			return flink.VertexCheckpoint{}, nil
		}
		return at, err
	})
}

// sample sums values up; n of 0 is unknown.
type sample struct {
	n         int
	sum, most float64
}

func (s *sample) add(v float64) { s.addBoth(&v, &v) }

// addBoth adds a mean and the greatest value of the same; nil is unknown and adds nothing.
func (s *sample) addBoth(mean, most *float64) {
	if mean == nil || most == nil {
		return
	}
	s.n++
	s.sum += *mean
	s.most = max(s.most, *most)
}

func (s *sample) summary() (mean, most *float64) {
	if s.n == 0 {
		return nil, nil
	}
	return new(s.sum / float64(s.n)), new(s.most)
}
