package collector

import (
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// minBusy is the share of time below which a vertex works too little to estimate its
// capacity: dividing by a smaller share mostly amplifies noise.
const minBusy = 0.01

// derive adds the derived values. cpu is how many seconds of CPU time all TaskManagers
// use in a second, nil if it is unknown or not this job's alone.
func (j *jobRead) derive(details flink.Job, cpu *float64) {
	demand := j.demand()
	for i := range j.vertices {
		j.vertices[i].derive(details.Now, demand)
	}
	j.Headroom = j.headroom(demand)
	if cpu != nil && j.SourceRate != nil && *j.SourceRate > 0 {
		perMillion := *cpu / *j.SourceRate * 1e6
		j.CPUPerMillion = &perMillion
	}
}

// demand is the factor by which the sources must read faster so that the backlog outside
// Flink stops growing: 1 if the backlog is steady or unknown.
func (j *jobRead) demand() float64 {
	if j.SourceRate == nil || *j.SourceRate <= 0 {
		return 1
	}
	growth := 0.0
	for _, v := range j.vertices {
		switch {
		case !v.HasPending:
		case v.pendingGrowth == nil:
			return 1
		default:
			growth += *v.pendingGrowth
		}
	}
	return max(0, 1 + growth / *j.SourceRate)
}

// headroom is by how much the job's input can grow, as a ratio, until a subtask is busy
// all the time; nil if no share of time is known.
func (j *jobRead) headroom(demand float64) *float64 {
	busiest := 0.0
	for _, v := range j.vertices {
		if v.Busy != nil {
			busiest = max(busiest, v.Busy.Max)
		}
	}
	if busiest*demand < minBusy {
		return nil
	}
	headroom := 1/(busiest*demand) - 1
	return &headroom
}

// derive adds the derived values of a vertex, by the JobManager's clock.
func (v *vertexRead) derive(now flink.Millis, demand float64) {
	busy, rate := v.busyShare(), v.rate()
	if busy != nil {
		needed := *busy * demand
		v.Utilization = &needed
	}
	if busy != nil && rate != nil && *busy >= minBusy && *rate > 0 {
		trueRate := *rate / *busy
		perRecord := *busy * float64(v.tasks()) / *rate
		v.TrueRate, v.SecondsPerRecord = &trueRate, &perRecord
	}
	if read := v.sourceRate(); v.Pending != nil && read != nil && *read > 0 {
		lag := *v.Pending / *read
		v.SourceLag = &lag
	}
	if v.Watermark != nil && now > 0 {
		lag := float64(now)/metricnames.MillisPerSecond - *v.Watermark
		v.WatermarkLag = &lag
	}
}

// busyShare is the share of time the vertex works, mean over the subtasks. The counter of
// that time is preferred, because it covers the same time as the rates of records;
// without it, Flink's mean over a minute is used.
func (v *vertexRead) busyShare() *float64 {
	if v.busyRate != nil && v.tasks() > 0 {
		share := min(1, *v.busyRate/float64(v.tasks()))
		return &share
	}
	if v.Busy != nil {
		return &v.Busy.Mean
	}
	return nil
}

// rate is how many records per second the vertex processes. Source tasks count what they
// read only since Flink 2. Before that, the rate is what they send or, if they send
// nothing, what their operator reads.
func (v *vertexRead) rate() *float64 {
	if !v.Source || v.RecordsInRate != nil && *v.RecordsInRate > 0 {
		return v.RecordsInRate
	}
	if v.RecordsOutRate == nil || *v.RecordsOutRate == 0 {
		return v.sourceRate()
	}
	return v.RecordsOutRate
}

// sourceRate is how many records per second a source reads, which may be more than it
// sends.
func (v *vertexRead) sourceRate() *float64 {
	switch {
	case v.readRate != nil:
		return v.readRate
	case v.RecordsInRate != nil && *v.RecordsInRate > 0:
		return v.RecordsInRate
	}
	return v.RecordsOutRate
}
