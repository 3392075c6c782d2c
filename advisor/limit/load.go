package limit

import "github.com/flink-sidecar/flink-sidecar/internal/evidence"

// Load is how busy a vertex is: on average over its subtasks, and its busiest subtask. Both are
// between 0 and 1, and Most is at least Mean.
type Load struct{ Mean, Most float64 }

// MuchSkew is how many times as busy as the mean a subtask is that counts as hot.
const MuchSkew = 1.5

// Skew is how many times as busy as the mean the busiest subtask is: 1 is even, and 0 is idle.
func (l Load) Skew() float64 {
	if l.Mean <= 0 {
		return 0
	}
	return l.Most / l.Mean
}

// ofLimit is the busy fraction that counts for the throughput: that of the hot subtask where there
// is one, because the job waits for it alone.
func (l Load) ofLimit() float64 {
	if l.Skew() >= MuchSkew {
		return l.Most
	}
	return l.Mean
}

// counted is the load by Flink's metrics, a mean over about a minute.
func counted(v evidence.Vertex) (Load, bool) {
	if v.Busy == nil {
		return Load{}, false
	}
	mean := min(max(*v.Busy, 0), 1)
	most := mean
	if v.BusyMax != nil {
		most = min(max(*v.BusyMax, mean), 1)
	}
	return Load{Mean: mean, Most: most}, true
}

// enoughSeen is the number of samples of task threads from which a flame graph tells how busy a
// vertex is: 10 points more or less, with 95 % confidence. Flink takes a hundred of each subtask.
const enoughSeen = 100

// sampled is the load that the flame graph of a vertex shows. Samples do not name their subtask, so
// the skew is that of the metrics.
func (j Job) sampled(v evidence.Vertex) (Load, bool) {
	s := j.seen[v.ID]
	l, known := counted(v)
	if !known || s.Tasks < enoughSeen {
		return Load{}, false
	}
	return spread(float64(s.Busy)/float64(s.Tasks), l.Skew()), true
}

func spread(mean, skew float64) Load { return Load{Mean: mean, Most: min(1, mean*max(skew, 1))} }

// Busy is the busy fraction of what limits the job, while it does: at least low and at most high. It
// is 1 if it is not known.
//
// Where the metrics show a subtask without reserve they are right. Where something waits for a vertex
// that has time left by the metrics, their minute was not under load all the time. The flame graph is
// younger; both are within the bounds then.
func (j Job) Busy() (low, high float64) {
	v, l, known := j.bottleneck()
	if !known {
		return 1, 1
	}
	low, high = l.ofLimit(), l.ofLimit()
	if s, ok := j.sampled(v); ok && !Full(v) && j.Limited() {
		low, high = min(low, s.ofLimit()), max(high, s.ofLimit())
	}
	return low, high
}

// Idle is the most time that the limiting subtask can be idle, from 0 to 1. It is 1 if it is not known.
func (j Job) Idle() float64 {
	v, l, known := j.bottleneck()
	if !known {
		return 1
	}
	if s, ok := j.sampled(v); ok {
		l = s
	}
	return 1 - l.Most
}

// Hot is the load of a bottleneck of which one subtask limits the job, and what shows it: the metrics,
// the flame graph, or a vertex that waits. ok is false if none shows it.
func (j Job) Hot() (l Load, by Shown, ok bool) {
	v, l, known := j.bottleneck()
	if !known || l.Skew() < MuchSkew {
		return l, "", false
	}
	if l.Most >= HotFrom {
		return l, ByMetrics, true
	}
	if s, seen := j.sampled(v); seen && j.Limited() && s.Skew() >= MuchSkew && s.Most >= HotFrom {
		return s, ByGraph, true
	}
	return l, ByWaiting, j.holdsBack(v, l)
}

// Shown is what shows that a subtask limits a job.
type Shown string

// Flink's metrics, the flame graph of the vertex, or a vertex that waits for it.
const (
	ByMetrics Shown = "metrics"
	ByGraph   Shown = "flame graph"
	ByWaiting Shown = "waiting"
)

// HotFrom is the busy fraction of a subtask from which its skew counts, halfBusy that from which it
// counts if another vertex waits for it.
const (
	HotFrom  = 0.7
	halfBusy = 0.5
)

// holdsBack reports whether another vertex waits for the bottleneck, although it has time left by the
// metrics: no vertex has a busier subtask, the bottleneck itself does not wait, and its busiest
// subtask was busy for as long as the other waited.
func (j Job) holdsBack(limit evidence.Vertex, l Load) bool {
	if l.Most < halfBusy || waits(limit) {
		return false
	}
	held := false
	for _, v := range j.bundle.Vertices {
		if v.ID == limit.ID {
			continue
		}
		if other, known := counted(v); known && other.Most > l.Most {
			return false
		}
		if waits(v) {
			if *v.Backpressured > l.Most {
				return false
			}
			held = true
		}
	}
	return held
}
