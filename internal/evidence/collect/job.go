package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// addJob adds the present state of the job, and returns a warning for each failed request.
// The target's vertex was the busiest when the profile was taken, so it is the bundle's
// bottleneck. But if the alert names a vertex, the target may be that vertex, and the present
// busiest vertex counts.
func (g *Gatherer) addJob(ctx context.Context, c Cluster, b *evidence.Bundle, job snapshot.Job,
	ep episode.Episode,
) (warnings []string) {
	if limiting, ok := job.Busiest(); ok {
		b.Bottleneck = limiting.ID
	}
	if ep.Target != nil && ep.Target.Vertex != "" && ep.Alert.Vertex == "" {
		b.Bottleneck = ep.Target.Vertex
	}
	missing := func(what string, vertex snapshot.Vertex, err error) {
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s of vertex %s are unknown: %v", what, vertex.Name, err))
		}
	}
	for _, v := range job.Vertices {
		vertex := evidence.Vertex{
			ID: v.ID, Name: v.Name, Parallelism: v.Parallelism,
			MaxParallelism: v.MaxParallelism, HotRecords: hotRecords(v.Detail),
			Busy: mean(v.Busy), BusyMax: most(v.Busy), Backpressured: mean(v.Backpressured),
		}
		if len(v.Inputs) > 0 {
			vertex.Keyed = new(v.Keyed)
		}
		if v.ID == b.Bottleneck {
			var err error
			vertex.SubtasksOn, err = g.subtasksOn(ctx, c, job.ID, v.ID)
			missing("the processes of the subtasks", v, err)
		}
		if v.Source {
			var err error
			vertex.Partitions, err = g.partitions(ctx, c, job.ID, v.ID)
			missing("the partitions", v, err)
		}
		b.Vertices = append(b.Vertices, vertex)
		sink, ok, err := g.sinkRate(ctx, c, job, v)
		missing("the requests of the sink", v, err)
		if ok {
			b.Sinks = append(b.Sinks, sink)
		}
	}
	if first := job.FirstFailure; first != nil {
		b.Exception = first.Cause
		if first.Task != "" {
			b.Exception += " (in " + first.Task + ")"
		}
	}
	var err error
	if b.Checkpoints, err = g.checkpoints(ctx, c, job, b.Bottleneck); err != nil {
		warnings = append(warnings, fmt.Sprintf("the last checkpoints of the job are unknown: %v", err))
	}
	if b.Config, err = g.config(ctx, c, job.ID); err != nil {
		warnings = append(warnings, fmt.Sprintf("the settings of the job are unknown: %v", err))
	}
	return warnings
}

// partitions is how many partitions of Kafka a source reads; 0 for another source.
func (g *Gatherer) partitions(ctx context.Context, c Cluster, job, vertex string) (int, error) {
	names, err := c.Flink.VertexNames(ctx, job, vertex)
	if err != nil {
		return 0, err
	}
	read := map[string]bool{}
	for _, name := range names {
		if topic, number, ok := flink.KafkaPartition(name); ok {
			read[topic+"."+number] = true
		}
	}
	return len(read), nil
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

// hotRecords is how many times as many records as the mean the busiest subtask receives; nil if that
// is not known of a subtask.
func hotRecords(d *snapshot.Detail) *float64 {
	if d == nil {
		return nil
	}
	hot, known := d.Hot()
	if !known || hot.RecordsRate == nil {
		return nil
	}
	sum := 0.0
	for _, s := range d.Subtasks {
		if s.RecordsRate == nil {
			return nil
		}
		sum += *s.RecordsRate
	}
	if sum <= 0 {
		return nil
	}
	return new(*hot.RecordsRate * float64(len(d.Subtasks)) / sum)
}

// subtasksOn counts the running subtasks of a vertex by process; nil is unknown.
func (g *Gatherer) subtasksOn(ctx context.Context, c Cluster, job, vertex string) (map[string]int, error) {
	return once(ctx, &g.asked, c.State, job+": subtasks of "+vertex, func() (map[string]int, error) {
		subtasks, err := profiler.Subtasks(ctx, c.Flink, job, vertex)
		if err != nil {
			return nil, err
		}
		on := map[string]int{}
		for _, s := range subtasks {
			if s.TaskManager != "" {
				on[s.TaskManager]++
			}
		}
		return on, nil
	})
}

// requestCounters are the names of the counters of requests in sinks: in the sample job, in
// Flink's asynchronous sinks, and in the bulk processor of the old Elasticsearch connector.
func requestCounters() []string {
	return []string{"bulkRequests", "numRequests", "numBulkRequests", "bulkProcessor.requests"}
}

// leastUptime is how long an attempt must run before its counters have a rate: for a while
// after a restart Flink's store still has the counters of the attempt before.
const leastUptime = time.Minute

// sinkRate returns the rates of the requests and the records of a vertex's sink. Both
// counters come from one answer and count from the start of the attempt, so the rates are
// means over the attempt. ok is false for a vertex without such counters.
func (g *Gatherer) sinkRate(ctx context.Context, c Cluster, job snapshot.Job,
	v snapshot.Vertex,
) (rate evidence.SinkRate, ok bool, err error) {
	names, err := once(ctx, &g.asked, c.State, job.ID+": names of "+v.ID, func() ([]string, error) {
		return c.Flink.VertexNames(ctx, job.ID, v.ID)
	})
	if err != nil {
		return rate, false, err
	}
	requests, records, found := countersOf(names)
	if !found {
		return rate, false, nil
	}
	values, err := once(ctx, &g.asked, c.State, job.ID+": requests of "+v.ID, func() (flink.Aggregates, error) {
		return c.Flink.VertexAggregates(ctx, job.ID, v.ID, []string{requests, records}, func() bool { return false })
	})
	if err != nil || values[records].Sum <= 0 || job.Uptime == nil || *job.Uptime < leastUptime.Seconds() {
		return rate, false, err
	}
	return evidence.SinkRate{
		Name: v.Name, Vertex: v.ID, Subtasks: v.Parallelism,
		Records: values[records].Sum / *job.Uptime, Requests: values[requests].Sum / *job.Uptime,
	}, true, nil
}

// countersOf finds a sink's counters of requests and of records in the names of a vertex's
// metrics. The name of the operator is the prefix of both.
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
