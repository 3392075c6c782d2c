// Package collect fills the bundle that the advisor judges: what the last poll knows of a
// job, what the episode holds, and what only Flink or the history can add.
//
// A missing input never fails an episode. It is left out, and a warning says so where a
// person can do something about it.
package collect

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Cluster is one Flink cluster: what the last poll knows, and the way to ask for more.
type Cluster struct {
	State snapshot.State
	Flink *flink.Client
}

// Trees finds whole profiles by the hash of their page.
type Trees interface {
	Tree(hash string) (*flame.Tree, error)
}

// Episodes lists earlier episodes of a job, newest first, from behind an id.
type Episodes interface {
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
}

// Options are what a [Gatherer] reads from.
type Options struct {
	// Cluster returns a cluster by name. It waits for the first poll after a start; the
	// error says that the cluster is unknown, or that its first poll failed.
	Cluster func(ctx context.Context, name string) (Cluster, error)
	// Trends are all trends as of now.
	Trends   func() []snapshot.Trend
	Trees    Trees
	Episodes Episodes
	// CoolDown is how old the profile of an earlier episode may be to stand in for one
	// that this episode was refused.
	CoolDown time.Duration
	Log      *slog.Logger
}

// Gatherer fills bundles. It is safe for concurrent use.
type Gatherer struct {
	Options

	asked answers
}

// New returns a gatherer that has asked Flink nothing yet.
func New(o Options) *Gatherer {
	o.Log = o.Log.With("component", "evidence")
	return &Gatherer{Options: o}
}

// Gather returns the bundle of an episode, and what is missing in it.
func (g *Gatherer) Gather(ctx context.Context, ep episode.Episode) (b evidence.Bundle, warnings []string) {
	b = evidence.Bundle{Episode: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Alert: ep.Alert.Summary}
	b.Profiles, warnings = g.profiles(ep)
	b.Trends = g.trends(ep.Alert.JobRef())
	b.Metrics = measured(ep.Measurement)
	c, err := g.Cluster(ctx, ep.Alert.Cluster)
	if err != nil {
		return b, append(warnings, fmt.Sprintf("nothing is known of the job now: %v", err))
	}
	if c.State.Known {
		b.FlinkVersion = c.State.Cluster.FlinkVersion
	}
	if job, ok := c.State.Job(ep.Alert.Job); ok && job.Known {
		warnings = append(warnings, g.addJob(ctx, c, &b, job, ep)...)
	}
	b.Processes = processes(c.State.TaskManagers, ep.Target)
	return b, warnings
}

// processes say how long garbage collection stops the TaskManager that an episode
// looks at.
func processes(all []snapshot.TaskManager, target *episode.Target) []evidence.Process {
	var out []evidence.Process
	for _, tm := range all {
		if tm.GC != nil && target != nil && tm.ID == target.Process {
			out = append(out, evidence.Process{ID: tm.ID, GC: tm.GC})
		}
	}
	return out
}

// trends are those of a job, and of the processes that any job may run in.
func (g *Gatherer) trends(of episode.JobRef) []evidence.Trend {
	var out []evidence.Trend
	for _, t := range g.Trends() {
		if t.Labels.Cluster != of.Cluster || t.Labels.Job != "" && t.Labels.Job != of.Job || t.Level == nil ||
			t.SlopeLow == nil {
			continue
		}
		trend := evidence.Trend{
			Signal: signalNames()[t.Signal], Subject: t.Labels.Process, Unit: string(t.Unit),
			Now: *t.Level, PerSecond: *t.Slope, PerSecondLow: *t.SlopeLow, Limit: t.Limit,
		}
		if t.Breach != nil {
			in := time.Duration(t.Breach.Point * float64(time.Second))
			trend.Breach = &in
		}
		out = append(out, trend)
	}
	return out
}

// signalNames are the advisor's words for the signals of trends. The shipped rule on the
// heap follows its minima, which is the heap after garbage collection.
func signalNames() map[snapshot.Signal]string {
	return map[snapshot.Signal]string{
		snapshot.CheckpointSize:     evidence.SignalCheckpointSize,
		snapshot.CheckpointDuration: evidence.SignalCheckpointDuration,
		snapshot.HeapUsed:           evidence.SignalHeapAfterGC,
	}
}

// measured are the numbers of a measurement that people and the LLM read.
func measured(m *episode.Measurement) []evidence.Metric {
	if m == nil {
		return nil
	}
	var out []evidence.Metric
	if m.Throughput != nil {
		out = append(out, evidence.Metric{Name: "throughput of the sources", Value: *m.Throughput, Unit: "records/s"})
	}
	for _, hop := range m.Hops {
		if hop.Count > 0 {
			out = append(out,
				evidence.Metric{Name: "probe latency p50", Subject: hop.Name, Value: hop.P50, Unit: "seconds"},
				evidence.Metric{Name: "probe latency p99", Subject: hop.Name, Value: hop.P99, Unit: "seconds"})
		}
	}
	return out
}
