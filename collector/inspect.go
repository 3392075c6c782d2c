package collector

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// inspection keeps a job's details from poll to poll.
type inspection struct {
	// tried is when a detail was last requested, answered or not.
	tried  time.Time
	vertex string
	detail *snapshot.Detail
	// last are the subtasks as Flink gave them with the detail.
	last flink.VertexDetails
}

// detailEvery is the time between two details.
const detailEvery = time.Minute

// inspect attaches the detail of the busiest vertex's subtasks, and reads it again after a
// minute. A detail that cannot be read again is withdrawn.
func (p *poll) inspect(ctx context.Context, job *jobRead, last *inspection) {
	if vertex, ok := job.seen().Busiest(); ok && !p.stale && ctx.Err() == nil &&
		p.now.Sub(last.tried) >= detailEvery {
		p.inspectAnew(ctx, job, vertex.ID, last)
	}
	if last.detail != nil && p.now.Sub(last.detail.Read) > detailEvery+time.Duration(p.cfg.PollInterval) {
		last.detail = nil
	}
	if last.detail == nil || p.stale {
		return
	}
	if at := slices.IndexFunc(job.vertices, func(v vertexRead) bool { return v.ID == last.vertex }); at >= 0 {
		job.vertices[at].Detail = last.detail
	}
}

func (p *poll) inspectAnew(ctx context.Context, job *jobRead, vertex string, last *inspection) {
	before := *last
	*last = inspection{tried: p.now}
	answer, err := p.client.Vertex(ctx, job.ID, vertex)
	if err != nil {
		p.note(err)
		return
	}
	var earlier flink.VertexDetails
	if before.vertex == vertex {
		earlier = before.last
	}
	last.vertex, last.last, last.detail = vertex, answer, detailOf(answer, earlier, p.now)
	last.detail.Checkpoint = p.readVertexCheckpoint(ctx, job, vertex)
}

// readVertexCheckpoint reads what the last completed checkpoint took at a
// vertex. Flink may have forgotten it in the meantime.
func (p *poll) readVertexCheckpoint(ctx context.Context, job *jobRead, vertex string) *snapshot.VertexCheckpoint {
	if job.Checkpoints == nil || job.Checkpoints.Last == nil {
		return nil
	}
	answer, err := p.client.VertexCheckpoint(ctx, job.ID, job.Checkpoints.Last.ID, vertex)
	if err != nil {
		if !flink.NotFound(err) {
			p.note(err)
		}
		return nil
	}
	return &snapshot.VertexCheckpoint{
		StateBytes: answer.StateBytes, CheckpointedBytes: answer.CheckpointedBytes,
		Sync: answer.Sync, Async: answer.Async, Alignment: answer.Alignment, StartDelay: answer.StartDelay,
	}
}

// detailOf builds a detail from two answers; the earlier one may be empty.
func detailOf(now, earlier flink.VertexDetails, read time.Time) *snapshot.Detail {
	before := map[int]flink.Subtask{}
	for _, s := range earlier.Subtasks {
		before[s.Index] = s
	}
	passed := float64(now.Now-earlier.Now) / metricnames.MillisPerSecond
	d := &snapshot.Detail{Read: read}
	for _, s := range now.Subtasks {
		if s.Status == "FINISHED" {
			continue // it is gone: it would count as one that does nothing
		}
		last, seen := before[s.Index]
		seconds := passed
		if !seen || last.Attempt != s.Attempt || last.TaskManager != s.TaskManager {
			last.IO = flink.SubtaskIO{RecordsIn: new(0.0), RecordsOut: new(0.0), BusySeconds: new(0.0)}
			seconds = float64(s.Duration) / metricnames.MillisPerSecond
		}
		one := snapshot.Subtask{
			Index: s.Index, Attempt: s.Attempt, TaskManager: s.TaskManager, RecordsIn: s.IO.RecordsIn,
			RecordsRate: perSecond(s.IO.RecordsIn, last.IO.RecordsIn, seconds),
		}
		sent := perSecond(s.IO.RecordsOut, last.IO.RecordsOut, seconds)
		if busy := perSecond(s.IO.BusySeconds, last.IO.BusySeconds, seconds); busy != nil &&
			lively(seconds, one.RecordsRate, sent) {
			share := min(1, *busy)
			one.Busy = &share
		}
		d.Subtasks = append(d.Subtasks, one)
	}
	slices.SortFunc(d.Subtasks, func(a, b snapshot.Subtask) int { return cmp.Compare(a.Index, b.Index) })
	d.BusySkew = skew(d.Subtasks, func(s snapshot.Subtask) *float64 { return s.Busy })
	d.RecordsSkew = skew(d.Subtasks, func(s snapshot.Subtask) *float64 { return s.RecordsRate })
	return d
}

// minRecords is how many records a subtask must receive or send between two details for
// its busy time to be known. Flink counts an idle span as busy until a record ends it, so
// a subtask without records would seem the busiest.
const minRecords = 10

// lively reports whether one of these rates makes enough records in that time.
func lively(seconds float64, rates ...*float64) bool {
	return slices.ContainsFunc(rates,
		func(rate *float64) bool { return rate != nil && *rate*seconds >= minRecords-0.5 })
}

// perSecond is how much a counter grew in a second; nil if it is not known.
func perSecond(now, before *float64, seconds float64) *float64 {
	if now == nil || before == nil || seconds <= 0 {
		return nil
	}
	grown := *now - *before
	if grown < 0 {
		return nil
	}
	rate := grown / seconds
	return &rate
}

// skew is the greatest value of any subtask divided by the median; nil unless all are
// known and the median is above 0.
func skew(all []snapshot.Subtask, of func(snapshot.Subtask) *float64) *float64 {
	var values []float64
	for _, s := range all {
		value := of(s)
		if value == nil {
			return nil
		}
		values = append(values, *value)
	}
	median, ok := stat.Median(values)
	if !ok || median <= 0 {
		return nil
	}
	ratio := slices.Max(values) / median
	return &ratio
}
