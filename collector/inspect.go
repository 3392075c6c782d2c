package collector

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Detail is what each subtask of a vertex does. It costs the JobManager as much
// as there are subtasks, so it is read of the bottleneck only, and once a
// minute.
type Detail struct {
	// Read is when the poll began in which it was read.
	Read time.Time
	// Subtasks are in the order of their index.
	Subtasks []Subtask
	// BusySkew and RecordsSkew are the most of any subtask divided by the median:
	// 1 is even. Nil if a subtask's value isn't known.
	BusySkew, RecordsSkew *float64
	// Checkpoint is what the last completed checkpoint took here; nil if there is
	// none.
	Checkpoint *flink.VertexCheckpoint
}

// Subtask is one parallel instance of a vertex.
type Subtask struct {
	Index, Attempt int
	TaskManager    string
	// Busy is the share of time it worked, and RecordsRate how many records per
	// second it received, since the detail before; at the first since it started.
	// Busy is nil for a subtask with hardly any records.
	Busy, RecordsRate *float64
	// RecordsIn is how many records its present attempt received.
	RecordsIn *float64
}

// Hot is the subtask that is busiest; ok is false if that isn't known.
func (d *Detail) Hot() (hot Subtask, ok bool) {
	for _, s := range d.Subtasks {
		if s.Busy != nil && (!ok || *s.Busy > *hot.Busy) {
			hot, ok = s, true
		}
	}
	return hot, ok
}

// inspection is what is remembered of a job's details from poll to poll.
type inspection struct {
	// tried is when a detail was last asked for, whether it came or not.
	tried  time.Time
	vertex string
	detail *Detail
	// last are the subtasks as Flink gave them with the detail.
	last flink.VertexDetails
}

// detailEvery is the time between two details.
const detailEvery = time.Minute

// inspect attaches the detail of the bottleneck's subtasks, and reads it anew
// if a minute has passed. One that could not be read again is withdrawn.
func (p *poll) inspect(ctx context.Context, job *Job, last *inspection) {
	if vertex, ok := job.Bottleneck(); ok && !p.stale && ctx.Err() == nil && p.now.Sub(last.tried) >= detailEvery {
		p.inspectAnew(ctx, job, vertex.ID, last)
	}
	if last.detail != nil && p.now.Sub(last.detail.Read) > detailEvery+time.Duration(p.cfg.PollInterval) {
		last.detail = nil
	}
	if last.detail == nil || p.stale {
		return
	}
	if at := slices.IndexFunc(job.Vertices, func(v Vertex) bool { return v.ID == last.vertex }); at >= 0 {
		job.Vertices[at].Detail = last.detail
	}
}

func (p *poll) inspectAnew(ctx context.Context, job *Job, vertex string, last *inspection) {
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
func (p *poll) readVertexCheckpoint(ctx context.Context, job *Job, vertex string) *flink.VertexCheckpoint {
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
	return &answer
}

// detailOf puts a detail together from two answers, of which the earlier may
// hold nothing.
func detailOf(now, earlier flink.VertexDetails, read time.Time) *Detail {
	before := map[int]flink.Subtask{}
	for _, s := range earlier.Subtasks {
		before[s.Index] = s
	}
	passed := float64(now.Now-earlier.Now) / millisPerSecond
	d := &Detail{Read: read}
	for _, s := range now.Subtasks {
		last, seen := before[s.Index]
		seconds := passed
		if !seen || last.Attempt != s.Attempt || last.TaskManager != s.TaskManager {
			last.IO = flink.SubtaskIO{RecordsIn: new(0.0), RecordsOut: new(0.0), BusySeconds: new(0.0)}
			seconds = float64(s.Duration) / millisPerSecond
		}
		one := Subtask{
			Index: s.Index, Attempt: s.Attempt, TaskManager: s.TaskManager, RecordsIn: s.IO.RecordsIn,
			RecordsRate: perSecond(s.IO.RecordsIn, last.IO.RecordsIn, seconds),
		}
		sent := perSecond(s.IO.RecordsOut, last.IO.RecordsOut, seconds)
		if busy := perSecond(s.IO.BusySeconds, last.IO.BusySeconds, seconds); busy != nil && lively(seconds, one.RecordsRate, sent) {
			share := min(1, *busy)
			one.Busy = &share
		}
		d.Subtasks = append(d.Subtasks, one)
	}
	slices.SortFunc(d.Subtasks, func(a, b Subtask) int { return cmp.Compare(a.Index, b.Index) })
	d.BusySkew = skew(d.Subtasks, func(s Subtask) *float64 { return s.Busy })
	d.RecordsSkew = skew(d.Subtasks, func(s Subtask) *float64 { return s.RecordsRate })
	return d
}

// minRecords is how many records a subtask must receive or send between two
// details for the time it worked to be known. Flink takes an idle span for work
// until a record ends it, so one that gets none would seem to be the busiest.
const minRecords = 10

// lively reports whether one of these rates makes enough records in that time.
func lively(seconds float64, rates ...*float64) bool {
	return slices.ContainsFunc(rates, func(rate *float64) bool { return rate != nil && *rate*seconds >= minRecords-0.5 })
}

// perSecond is how much a counter grew in a second; nil if it isn't known.
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

// skew is the greatest value of any subtask divided by the median; nil unless
// all are known and the median is above 0.
func skew(all []Subtask, of func(Subtask) *float64) *float64 {
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
