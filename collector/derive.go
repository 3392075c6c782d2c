package collector

import (
	"github.com/flink-sidecar/flink-sidecar/collector/bottleneck"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// minBusy is the share of time below which a vertex works too little to estimate its
// capacity: dividing by a smaller share mostly amplifies noise.
const minBusy = 0.01

// heldBack is the share of time from which a backpressured vertex shows that something
// downstream is a limit, even if no vertex is busy: a vertex that waits for answers
// asynchronously is idle meanwhile.
const heldBack = 0.1

// derive adds the derived values. All of them are of the last minute, which is the time
// that Flink's shares of time cover. cpu is how many seconds of CPU time all TaskManagers
// use in a second, nil if it is unknown or not this job's alone.
func (j *jobRead) derive(details flink.Job, cpu *float64) {
	demands := j.demands()
	for i := range j.vertices {
		j.vertices[i].derive(details.Now, demands.on[j.vertices[i].ID])
	}
	j.Headroom = j.headroom(demands)
	j.Capacity = j.capacity()
	// Both are of the time between the last two polls.
	if cpu != nil && j.ReadRate != nil && *j.ReadRate > 0 {
		perMillion := *cpu / *j.ReadRate * 1e6
		j.CPUPerMillion = &perMillion
	}
}

// saturated reports whether a vertex works nearly all the time.
func (j *jobRead) saturated() bool {
	busiest, _ := j.busiest()
	return busiest >= bottleneck.Saturated
}

// busiest is the greatest share of time that a subtask works; known is false unless it is
// known for all vertices that have not finished.
func (j *jobRead) busiest() (share float64, known bool) {
	known = len(j.vertices) > 0
	for _, v := range j.vertices {
		if v.Busy == nil {
			known = known && v.Finished
			continue
		}
		share = max(share, v.Busy.Max)
	}
	return share, known
}

// headroom is by how much the job's input can grow, as a ratio, until a subtask is busy
// all the time. It is nil if that is unknown for a vertex, or if a vertex is held back by
// one whose share of time does not show it, unless the growing backlog shows it.
func (j *jobRead) headroom(demands demands) *float64 {
	busiest, known := j.busiest()
	if !known || !j.isReading() {
		return nil
	}
	needed := 0.0 // the share of time that the input needs of the busiest subtask
	for _, v := range j.vertices {
		demand := demands.on[v.ID]
		switch {
		case v.Finished:
		case demand == nil:
			return nil
		default:
			needed = max(needed, v.Busy.Max**demand)
		}
	}
	if demands.hidden == 0 && (busiest < minBusy || !j.saturated() && j.heldBack()) {
		return nil
	}
	headroom := 1/max(needed, demands.hidden) - 1
	return &headroom
}

// capacity is the input at which a subtask is busy all the time, in records per second. While a
// backlog grows, the input is more than what the sources read.
func (j *jobRead) capacity() *float64 {
	if j.Headroom == nil {
		return nil
	}
	capacity := (*j.SourceRate + j.growing()) * (1 + *j.Headroom)
	return &capacity
}

func (j *jobRead) heldBack() bool {
	for _, v := range j.vertices {
		if v.heldBack() {
			return true
		}
	}
	return false
}

// derive adds the derived values of a vertex, by the JobManager's clock. The demand is that on
// the vertex, nil if unknown.
func (v *vertexRead) derive(now flink.Millis, demand *float64) {
	rate := v.RecordsInRate
	if v.Busy != nil && demand != nil {
		needed := v.Busy.Mean * *demand
		v.Utilization = &needed
	}
	if v.Busy != nil && rate != nil && v.Busy.Mean >= minBusy && *rate > 0 {
		trueRate := *rate / v.Busy.Mean
		perRecord := float64(v.tasks()) / trueRate
		v.TrueRate, v.SecondsPerRecord = &trueRate, &perRecord
	}
	if v.Pending != nil && rate != nil && *rate > 0 {
		lag := *v.Pending / *rate
		v.SourceLag = &lag
	}
	if v.Watermark != nil && now > 0 {
		lag := float64(now)/metricnames.MillisPerSecond - *v.Watermark
		v.WatermarkLag = &lag
	}
}

// shareError is by how much a share of time may exceed the whole time by rounding.
const shareError = 0.02

// shares converts the three shares of time; all are unknown if one of them is impossible.
func shares(found flink.Aggregates) (busy, idle, backpressured *snapshot.Share) {
	busy, idle = share(found, metricnames.BusyTime), share(found, metricnames.IdleTime)
	backpressured = share(found, metricnames.BackpressuredTime)
	for _, s := range []*snapshot.Share{busy, idle, backpressured} {
		if s == nil {
			continue
		}
		if s.Mean < 0 || s.Max > 1+shareError || s.Mean > s.Max+shareError {
			return nil, nil, nil
		}
		s.Mean, s.Max = min(1, s.Mean), min(1, s.Max)
	}
	return busy, idle, backpressured
}
