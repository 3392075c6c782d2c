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
	// AtLeast is the speed-up that all other vertices allow by each source and its error.
	AtLeast float64
	// AtMost is the most speed-up, in percent, that the vertex allows; nil if its capacity is not known.
	AtMost *float64
}

// Next returns the next limit; ok is false if no other vertex is known to be busy. warm says that the
// JVM compiles little any more.
func (j Job) Next(warm bool) (next Next, ok bool) {
	limit, l, _ := j.bottleneck()
	for _, v := range j.bundle.Vertices {
		other, counts := counted(v)
		if v.ID == limit.ID && limit.ID != "" || !counts || other.Most <= 0 {
			continue
		}
		one := j.compare(limit, v, l, other, warm)
		if !ok {
			next = one
		}
		least := min(next.AtLeast, one.AtLeast)
		if one.Gain < next.Gain {
			next = one
		}
		next.AtLeast, ok = least, true
	}
	return next, ok
}

// compare returns what another vertex allows, by the loads of the metrics or of flame graphs. Two loads
// are compared only if both are of the same time: by flame graphs where both have one. The busiest
// subtasks count, because each is a limit of its own.
func (j Job) compare(limit, v evidence.Vertex, l, other Load, warm bool) Next {
	one := Next{Vertex: v, Busy: other.Most, Limit: l.Most, Gain: gain(l.Most, other.Most)}
	one.AtLeast = one.Gain
	theirs, there := j.sampled(v)
	ours, here := j.sampled(limit)
	if !there || !here || theirs.Most <= 0 || ours.Most <= 0 {
		return one
	}
	one.Busy, one.Limit, one.Gain = theirs.Most, ours.Most, gain(ours.Most, theirs.Most)
	s := j.seen[v.ID]
	low, high := stat.Wilson(s.Busy, s.Tasks, stat.Deviate(0.05))
	one.AtLeast = min(one.AtLeast, gain(ours.Most, spread(high, other.Skew()).Most))
	if warm && low > 0 && float64(s.Off) <= muchOff*float64(s.Busy) {
		of := j.seen[limit.ID]
		_, most := stat.Wilson(of.Busy, of.Tasks, stat.Deviate(0.05))
		one.AtMost = new(gain(spread(most, l.Skew()).Most, spread(low, other.Skew()).Most))
	}
	return one
}

// muchOff is the part of its busy time from which a vertex waits for something else. One that works on
// the CPU costs the same for each record once its code is compiled. One that waits for another system,
// such as a sink with requests under way, may carry more in the same time.
const muchOff = 0.1

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
