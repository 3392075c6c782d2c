package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// gatherer gathers the bundle that the advisor judges: what the stages know of
// one job. What can't be had is left out, and a warning says so where somebody
// could do something about it.
type gatherer struct {
	clusters clusters
	trends   *alerts.Trends
	trees    trees
	store    *history.Store
	cooldown time.Duration
	log      *slog.Logger
}

// trees finds whole profiles by the hash of their page.
type trees interface {
	Tree(hash string) (*flame.Tree, error)
}

// gather returns the bundle of an episode. After a restart it waits for the first
// look at Flink: an episode that goes on is worth more than what is known at once.
func (e *gatherer) gather(ctx context.Context, ep episode.Episode) (b evidence.Bundle, warnings []string) {
	if err := e.clusters.await(ctx, ep.Alert.Cluster); err != nil {
		warnings = append(warnings, fmt.Sprintf("nothing is known of the job now: %v", err))
	}
	b = evidence.Bundle{Episode: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Alert: ep.Alert.Summary}
	profiles, unread := e.taken(ep)
	b.Profiles, warnings = profiles, append(warnings, unread...)
	b.Trends = e.heading(ep.Alert.JobRef())
	b.Metrics = measured(ep.Measurement)
	c, err := e.clusters.of(ep.Alert.Cluster)
	if err != nil {
		return b, warnings
	}
	if now, known := c.Cluster(); known {
		b.FlinkVersion = now.FlinkVersion
	}
	if job, ok := c.Job(ep.Alert.Job); ok && job.Known {
		addJob(ctx, c.flink, &b, job, ep.Target, ep.Alert.Vertex)
	}
	b.Processes = processes(c.TaskManagers(), ep.Target)
	return b, warnings
}

// addJob adds what Flink says of the job now. A target that the alert named was not
// chosen because it holds the job back.
func addJob(ctx context.Context, client *flink.Client, b *evidence.Bundle, job snapshot.Job, target *episode.Target, named string) {
	if limiting, ok := job.Bottleneck(); ok {
		b.Bottleneck = limiting.ID
	}
	if chosen := target != nil && target.Vertex != "" && named == ""; chosen {
		b.Bottleneck = target.Vertex // as it was when the profile was taken
	}
	for _, v := range job.Vertices {
		vertex := evidence.Vertex{ID: v.ID, Name: v.Name, Parallelism: v.Parallelism, Busy: mean(v.Busy), BusyMax: most(v.Busy), Backpressured: mean(v.Backpressured)}
		if v.ID == b.Bottleneck {
			vertex.SubtasksOn = subtasksOn(ctx, client, job.ID, v.ID)
		}
		b.Vertices = append(b.Vertices, vertex)
		if sink, ok := sinkRate(ctx, client, job, v); ok {
			b.Sinks = append(b.Sinks, sink)
		}
	}
	b.Checkpoints = checkpoints(job, b.Bottleneck)
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

func mean(s *snapshot.Share) *float64 {
	if s == nil {
		return nil
	}
	return &s.Mean
}

func most(s *snapshot.Share) *float64 {
	if s == nil {
		return nil
	}
	return &s.Max
}

// subtasksOn counts the running subtasks of a vertex by process; nil is unknown.
func subtasksOn(ctx context.Context, client *flink.Client, job, vertex string) map[string]int {
	subtasks, err := profiling.Subtasks(ctx, client, job, vertex)
	if err != nil {
		return nil
	}
	on := map[string]int{}
	for _, s := range subtasks {
		if s.TaskManager != "" {
			on[s.TaskManager]++
		}
	}
	return on
}

// requestCounters are what sinks call the number of requests they made: ours of
// the sample job, Flink's asynchronous sinks', and the old Elasticsearch
// connector's bulk processor.
func requestCounters() []string {
	return []string{"bulkRequests", "numRequests", "numBulkRequests", "bulkProcessor.requests"}
}

// sinkRate compares the requests that a vertex's sink made with the records it was
// given. Both counters come with one answer and count from the start of the
// attempt, so what comes of them are means over the attempt.
func sinkRate(ctx context.Context, client *flink.Client, job snapshot.Job, v snapshot.Vertex) (evidence.SinkRate, bool) {
	names, err := client.VertexNames(ctx, job.ID, v.ID)
	if err != nil {
		return evidence.SinkRate{}, false
	}
	requests, records, ok := countersOf(names)
	if !ok {
		return evidence.SinkRate{}, false
	}
	found, err := client.VertexAggregates(ctx, job.ID, v.ID, []string{requests, records}, func() bool { return false })
	if err != nil || found[records].Sum <= 0 || job.Uptime == nil || *job.Uptime <= 0 {
		return evidence.SinkRate{}, false
	}
	return evidence.SinkRate{
		Name: v.Name, Vertex: v.ID, Subtasks: v.Parallelism,
		Records: found[records].Sum / *job.Uptime, Requests: found[requests].Sum / *job.Uptime,
	}, true
}

// countersOf finds a sink's counters of requests and of records among the names of
// a vertex's metrics, which are prefixed by the operator.
func countersOf(names []string) (requests, records string, ok bool) {
	for _, name := range names {
		for _, counter := range requestCounters() {
			operator, found := strings.CutSuffix(name, counter)
			if found && slices.Contains(names, operator+"numRecordsIn") {
				return name, operator + "numRecordsIn", true
			}
		}
	}
	return "", "", false
}

// checkpoints says how long and how often, and of the vertex that limits the job
// what its part took; nil when the job takes none or it is unknown.
func checkpoints(job snapshot.Job, limiting string) *evidence.Checkpoints {
	if job.Checkpoints == nil || job.Plan == nil || job.Plan.Interval <= 0 {
		return nil
	}
	out := &evidence.Checkpoints{Interval: job.Plan.Interval.Seconds()}
	if last := job.Checkpoints.Last; last != nil {
		out.Duration = new(last.Duration.Seconds())
	}
	for _, v := range job.Vertices {
		if v.ID == limiting && v.Detail != nil && v.Detail.Checkpoint != nil {
			out.Sync, out.Async, out.Alignment = v.Detail.Checkpoint.Sync, v.Detail.Checkpoint.Async, v.Detail.Checkpoint.Alignment
		}
	}
	return out
}

// signalNames are the advisor's words for what the rules of alerts follow.
func signalNames() map[string]string {
	return map[string]string{
		"checkpoint-size":     evidence.SignalCheckpointSize,
		"checkpoint-duration": evidence.SignalCheckpointDuration,
		"heap-after-gc":       evidence.SignalHeapAfterGC,
	}
}

// heading are the trends of a job, and of the processes that any job may run in.
func (e *gatherer) heading(of episode.JobRef) []evidence.Trend {
	var out []evidence.Trend
	for _, t := range e.trends.All() {
		if t.Labels.Cluster != of.Cluster || t.Labels.Job != "" && t.Labels.Job != of.Job || t.Level == nil || t.SlopeLow == nil {
			continue
		}
		trend := evidence.Trend{
			Signal: signalNames()[t.Rule], Subject: t.Labels.Process, Unit: string(t.Unit),
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

// taken are the profiles of the episode or, if it has none, those that were taken
// of the job not long ago and on the same software.
func (e *gatherer) taken(ep episode.Episode) (out []evidence.Profile, warnings []string) {
	summaries := ep.Profiles
	if len(summaries) == 0 {
		if earlier, ok := e.earlier(ep); ok {
			summaries = earlier.Profiles
			warnings = append(warnings, fmt.Sprintf("the profile is the one of episode %s, taken %s before", earlier.ID, ep.Opened.Sub(earlier.Opened).Round(time.Second)))
		}
	}
	for _, p := range summaries {
		if p.Role == episode.Control {
			continue // it is there to compare with: what holds the job back is elsewhere
		}
		tree, err := e.trees.Tree(p.Hash)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("profile %s is not used: its page can't be read: %v", p.ID, err))
			continue
		}
		out = append(out, evidence.Profile{Name: p.ID, Mode: ModeToJudge(flame.Mode(p.Mode)), Process: p.Process, Vertex: p.Vertex, Duration: p.Duration, Stacks: tree.Stacks()})
	}
	return out, warnings
}

// ModeToJudge is the mode as the advisor knows it: Flink's own thread samples are of
// the kind that WALL gives, only fewer.
func ModeToJudge(mode flame.Mode) string {
	if mode.SeesWaiting() {
		return string(flame.Wall)
	}
	return string(mode)
}

// earlier is the newest episode of the same job and epoch that has a profile, if
// it is not older than the cool-down that kept this one from having its own.
func (e *gatherer) earlier(ep episode.Episode) (episode.Episode, bool) {
	recent, err := e.store.Episodes(ep.Alert.JobRef(), ep.ID, 20)
	if err != nil {
		e.log.Warn("Earlier episodes can't be read", "err", err)
		return episode.Episode{}, false
	}
	for _, earlier := range recent {
		if ep.Opened.Sub(earlier.Opened) > e.cooldown {
			break
		}
		if len(earlier.Profiles) > 0 && earlier.EpochKey == ep.EpochKey {
			return earlier, true
		}
	}
	return episode.Episode{}, false
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
