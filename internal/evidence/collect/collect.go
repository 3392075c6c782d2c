// Package collect fills the evidence bundle of an episode for the advisor. The data come
// from the last poll, from the episode, from Flink and from the history.
//
// A missing input never fails an episode. The bundle does not contain it, and a warning
// reports it if a person can do something about it.
package collect

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Cluster is one Flink cluster: its state at the last poll, and a client for more data.
type Cluster struct {
	State snapshot.State
	Flink *flink.Client
}

// Trees returns complete profiles by the hash of their page.
type Trees interface {
	Tree(hash string) (*flame.Tree, error)
}

// Episodes lists the episodes of a job before the episode with the id before, newest first.
type Episodes interface {
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
}

// Options are the sources of a [Gatherer].
type Options struct {
	// Cluster returns a cluster by name. After a start it waits for the first poll. The
	// error says that the cluster is unknown, or that its first poll failed.
	Cluster func(ctx context.Context, name string) (Cluster, error)
	// Trends are all trends as of now.
	Trends   func() []snapshot.Trend
	Trees    Trees
	Episodes Episodes
	// CoolDown is the greatest age of an earlier episode whose profiles may replace
	// missing profiles of an episode.
	CoolDown time.Duration
	Log      *slog.Logger
}

// Gatherer fills bundles. It is safe for concurrent use.
type Gatherer struct {
	Options

	asked answers
}

// New returns a gatherer. It sends no request.
func New(o Options) *Gatherer {
	o.Log = o.Log.With("component", "evidence")
	return &Gatherer{Options: o}
}

// Gather returns the bundle of an episode, with a warning for each missing input and with the
// secrets masked.
func (g *Gatherer) Gather(ctx context.Context, ep episode.Episode) evidence.Bundle {
	b := evidence.Bundle{Episode: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Alert: ep.Alert.Summary}
	b.Profiles, b.Warnings = g.profiles(ep)
	b.Observations = g.Changes(ep)
	var err error
	if b.Prior, err = g.prior(ep); err != nil {
		b.Warnings = append(b.Warnings, fmt.Sprintf("earlier advice about the job is unknown: %v", err))
	}
	b.Trends = g.trends(ep)
	b.Metrics = measured(ep.Measurement)
	g.addState(ctx, &b, ep)
	return b.Redacted()
}

// addState adds what the last poll and Flink say about the job.
func (g *Gatherer) addState(ctx context.Context, b *evidence.Bundle, ep episode.Episode) {
	c, err := g.Cluster(ctx, ep.Alert.Cluster)
	if err != nil {
		b.Warnings = append(b.Warnings, fmt.Sprintf("the present state of the job is unknown: %v", err))
		return
	}
	if c.State.Known {
		b.FlinkVersion, b.FreeSlots = c.State.Cluster.FlinkVersion, &c.State.Cluster.SlotsAvailable
	}
	switch job, ok := c.State.Job(ep.Alert.Job); {
	case ok && job.Known:
		b.Warnings = append(b.Warnings, g.addJob(ctx, c, b, job, ep)...)
	case ep.Alert.Job != "":
		b.Warnings = append(b.Warnings, "the present state of the job is unknown: at the last poll Flink did not tell "+
			"(see the state of Flink on the page)")
	}
	b.Processes = processes(c.State.TaskManagers, ep.Target)
}

// processes returns the share of garbage collection in the TaskManager that is the target
// of an episode.
func processes(all []snapshot.TaskManager, target *episode.Target) []evidence.Process {
	var out []evidence.Process
	for _, tm := range all {
		if tm.GC != nil && target != nil && tm.ID == target.Process {
			out = append(out, evidence.Process{ID: tm.ID, GC: tm.GC})
		}
	}
	return out
}

// trends returns the trends of a job and of all processes of its cluster that grow
// significantly or are above their limit.
func (g *Gatherer) trends(ep episode.Episode) []evidence.Trend {
	var out []evidence.Trend
	of := ep.Alert.JobRef()
	for _, t := range g.Trends() {
		if signalNames()[t.Signal] == "" {
			continue // the advisor reads no other signal as a trend
		}
		if t.Labels.Cluster != of.Cluster || t.Labels.Job != "" && t.Labels.Job != of.Job || t.Level == nil ||
			t.State == snapshot.TrendSettling {
			continue
		}
		trend := evidence.Trend{
			Signal: signalNames()[t.Signal], Subject: t.Labels.Process, Unit: string(t.Unit),
			Now: *t.Level, AtLeast: t.AtLeast, Limit: t.Limit, Fired: fired(ep, t),
		}
		if t.SlopeLow != nil {
			trend.PerSecond, trend.PerSecondLow = *t.Slope, *t.SlopeLow
		} else if !trend.Above() {
			continue
		}
		if t.Breach != nil {
			in := time.Duration(t.Breach.Point * float64(time.Second))
			trend.Breach = &in
		}
		out = append(out, trend)
	}
	return out
}

// fired reports whether an alert of an episode is about a trend.
func fired(ep episode.Episode, t snapshot.Trend) bool {
	is := func(a episode.Alert) bool { return a.Rule == t.Rule && a.Process == t.Labels.Process }
	return is(ep.Alert) || slices.ContainsFunc(ep.Triggers, is)
}

// signalNames maps the signals of trends to the advisor's names. The shipped rule for the
// heap uses its minima, which are the heap after garbage collection.
func signalNames() map[snapshot.Signal]string {
	return map[snapshot.Signal]string{
		snapshot.CheckpointSize:     evidence.SignalCheckpointSize,
		snapshot.CheckpointDuration: evidence.SignalCheckpointDuration,
		snapshot.HeapUsed:           evidence.SignalHeapAfterGC,
		"metaspace-used":            evidence.SignalMetaspace,
		"direct-memory-used":        evidence.SignalDirectMemory,
		"file-descriptors":          evidence.SignalFileDescriptors,
		"source-lag":                evidence.SignalSourceLag,
		"pending-records":           evidence.SignalPendingRecords,
	}
}

// measured returns the throughput and the probe latencies of a measurement.
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
