package collector

import (
	"context"
	"maps"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// inputTimeout bounds the time in which the brokers tell the end offsets. Without them the
// source's own count applies.
const inputTimeout = time.Second

// askInput reads the end offsets of the topic just before Flink fetches how far it is read.
func (p *poll) askInput(ctx context.Context) {
	if p.input.Input == nil {
		return
	}
	began := p.Now()
	limited, cancel := context.WithTimeout(ctx, inputTimeout)
	defer cancel()
	ends, err := p.input.Ends(limited)
	if err != nil {
		p.logger.Debug("what waits for the job is as its source says it", "err", err)
	}
	p.ends, p.elsewhere = ends, p.Now().Sub(began)
}

// followBacklog finds out what waits outside a source, and how fast that grows. The brokers
// know it best. What the source says stands still while it does not read, and leaves out
// what it has fetched: while it is held back, that is most of what waits. While it is not, its
// own count is shown: the offsets are a moment older than the end offsets, so their difference
// is what arrives in that moment.
func (p *poll) followBacklog(ctx context.Context, job *jobRead, v *vertexRead, r *run) {
	names := r.vertices[v.ID]
	waiting, exact := p.waiting(ctx, job, v, r)
	if !exact {
		names.kept.Forget()
	}
	v.RetentionLeft, v.Retention = names.kept.Left, names.kept.Of
	switch {
	case exact && (v.Pending == nil || v.Blocked || v.heldBack()):
		v.Pending, v.HasPending = &waiting.All, true
	case v.Blocked:
		v.Pending = nil
	}
	switch {
	case exact:
	case v.Pending == nil || v.pendingMost == nil || v.heldBack():
		names.backlog.Forget()
		return
	default:
		waiting = backlog.Records{All: *v.Pending, Most: *v.pendingMost}
	}
	v.growth = names.backlog.Follow(backlog.Sample{
		At: p.now, Waiting: waiting, Exact: exact, Clock: v.clock,
		Reading: backlog.Records{All: orZero(v.RecordsInRate), Most: orZero(v.perMinute.most)},
	})
}

// orZero is a rate that is known, or 0.
func orZero(rate *float64) float64 {
	if rate == nil {
		return 0
	}
	return *rate
}

// waiting is what waits by the end offsets; ok is false if those or what was read are not
// known.
func (p *poll) waiting(ctx context.Context, job *jobRead, v *vertexRead, r *run) (waiting backlog.Records, ok bool) {
	if p.ends == nil || p.input.Job != job.Name || p.stale || v.Finished || ctx.Err() != nil {
		return backlog.Records{}, false
	}
	var listed []string
	names := r.vertices[v.ID]
	for _, w := range names.wanted() {
		listed = append(listed, w.Name)
	}
	wanted := p.input.Names(listed)
	if len(wanted) == 0 {
		return backlog.Records{}, false
	}
	found, err := p.client.VertexAggregates(ctx, job.ID, v.ID, wanted, func() bool { return true })
	if err != nil {
		p.note(err)
		return backlog.Records{}, false
	}
	answered := p.Now()
	job.readUpTo(p.input.Last(found), answered, p.age(r.settings, answered))
	waiting, ok = p.input.Waiting(p.ends, found)
	if ok {
		p.followRetention(ctx, found, names)
	}
	return waiting, ok
}

// readUpTo keeps how far a source of the job has read the topic. Where several sources read it, a
// record is read when all of them have read it.
func (j *jobRead) readUpTo(last map[int32]int64, at time.Time, age time.Duration) {
	if j.read != nil {
		maps.DeleteFunc(last, func(partition int32, _ int64) bool { _, read := j.read.Last[partition]; return !read })
		for partition, offset := range last {
			last[partition] = min(offset, j.read.Last[partition])
		}
	}
	j.read = &snapshot.ReadOffsets{Last: last, At: at, Age: age}
}

// age is the most by which the metrics of this poll are older than its answer; 0 if that is not
// known. Flink answers from a store, which it renews because of a request, afterwards. If that takes
// longer than this poll waits, the answer is what the poll before has caused, or a request up to
// Flink's interval before that one, which Flink then took for recent enough.
func (p *poll) age(of *settings, answered time.Time) time.Duration {
	if of == nil || of.renewed == 0 || p.last.taken.IsZero() {
		return 0
	}
	age := answered.Sub(p.last.taken)
	if p.now.Sub(p.last.taken) < of.renewed {
		age += of.renewed
	}
	return age
}

// followRetention finds out how long what waits is kept.
func (p *poll) followRetention(ctx context.Context, found flink.Aggregates, names *vertexMetrics) {
	began := p.Now()
	limited, cancel := context.WithTimeout(ctx, inputTimeout)
	defer cancel()
	if err := names.kept.Follow(limited, p.input, found, p.now); err != nil {
		p.logger.Debug("how long what waits for the job is kept is not known", "err", err)
	}
	p.elsewhere += p.Now().Sub(began)
}

// heldBack reports whether the vertex waits for another for a share of time that matters.
func (v *vertexRead) heldBack() bool {
	return v.Backpressured != nil && v.Backpressured.Mean >= heldBack
}
