package limit

import (
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Next is the vertex that limits the job once the present limit is gone.
type Next struct {
	Vertex evidence.Vertex
	// Busy is the busy fraction of its busiest subtask, Limit that of the bottleneck at the same time;
	// 0 is unknown.
	Busy, Limit float64
	// Gain is the speed-up of the job, in percent, at which it becomes the limit, if a record costs it
	// what it costs now.
	Gain float64
	// AtMost is the most speed-up, in percent, that the vertex allows; nil if its capacity is not known.
	AtMost *float64
}

// Next returns the next limit; ok is false if no other vertex is known to be busy. warm says that the
// JVM compiles little any more.
//
// Two loads are compared only if both are of the same time: by flame graphs where both have one, else
// by the metrics. The busiest subtasks count, because each is a limit of its own.
func (j Job) Next(warm bool) (next Next, ok bool) {
	limit, l, known := j.bottleneck()
	for _, v := range j.bundle.Vertices {
		other, counts := counted(v)
		if v.ID == limit.ID && limit.ID != "" || !counts || other.Most <= 0 {
			continue
		}
		one := Next{Vertex: v, Busy: other.Most, Limit: l.Most}
		theirs, both := j.sampled(v)
		ours, seen := j.sampled(limit)
		if both = both && seen && known && theirs.Most > 0 && ours.Most > 0; both {
			one.Busy, one.Limit = theirs.Most, ours.Most
		}
		if one.Gain = gain(one.Limit, one.Busy); ok && one.Gain >= next.Gain {
			continue
		}
		if both && warm {
			one.AtMost = j.most(limit, v, l.Skew(), other.Skew())
		}
		next, ok = one, true
	}
	return next, ok
}

// Ahead reports whether the bottleneck limits the job, and another vertex has more reserve than it.
func (j Job) Ahead(other string) bool {
	limit, l, known := j.bottleneck()
	v, there := j.bundle.Vertex(other)
	theirs, busy := counted(v)
	return known && there && busy && v.ID != limit.ID && theirs.Most < l.Most && j.Limited()
}

// gain is the speed-up in percent at which a subtask that is busy now reaches what limits. An unknown
// limit is busy all the time.
func gain(limit, busy float64) float64 {
	if limit <= 0 {
		limit = 1
	}
	return max(limit/busy-1, 0) * 100
}

// muchOff is the part of its busy time from which a vertex waits for something else.
const muchOff = 0.1

// most is the speed-up that the next vertex allows at most; nil if that is not known. A vertex that
// works on the CPU costs the same for each record once its code is compiled. One that waits for
// another system, such as a sink with requests under way, may carry more in the same time.
func (j Job) most(limit, v evidence.Vertex, skew, otherSkew float64) *float64 {
	s, of := j.seen[v.ID], j.seen[limit.ID]
	if float64(s.Off) > muchOff*float64(s.Busy) {
		return nil
	}
	low, _ := stat.Wilson(s.Busy, s.Tasks, stat.Deviate(0.05))
	_, high := stat.Wilson(of.Busy, of.Tasks, stat.Deviate(0.05))
	if low <= 0 {
		return nil
	}
	return new(gain(spread(high, skew).Most, spread(low, otherSkew).Most))
}
