package collector

import "github.com/flink-sidecar/flink-sidecar/internal/flink"

// Derived is what follows from a vertex' metrics. The formulas stand in
// docs/metrics.md.
type Derived struct {
	// TrueRate is how many records per second the vertex would process if it were
	// busy all the time: its rate divided by the share of time it works. It is
	// the "true processing rate" of DS2 (Kalavri et al., OSDI 2018), by which
	// Flink's autoscaler scales.
	TrueRate *float64
	// SecondsPerRecord is the time a task works for one record.
	SecondsPerRecord *float64
	// Utilization is the share of its true rate that the vertex needs: above 1 it
	// can't keep up.
	Utilization *float64
	// SourceLag is in how many seconds a source would have read what waits
	// outside, at its present rate.
	SourceLag *float64
	// WatermarkLag is how many seconds the watermark is behind the JobManager's
	// clock.
	WatermarkLag *float64
}

// minBusy is the share of time below which a vertex works too little to tell
// how much it could do: what is divided by it is mostly noise.
const minBusy = 0.01

// derive adds what follows from what was read. cpu is how many seconds of CPU time
// all TaskManagers use in a second, nil if unknown or not this job's alone.
func (j *Job) derive(details flink.Job, cpu *float64) {
	demand := j.demand()
	for i := range j.Vertices {
		j.Vertices[i].derive(details.Now, demand)
	}
	j.Headroom = j.headroom(demand)
	if cpu != nil && j.SourceRate != nil && *j.SourceRate > 0 {
		perMillion := *cpu / *j.SourceRate * 1e6
		j.CPUPerMillion = &perMillion
	}
}

// demand is how much more than what they read now the sources would have to
// read so that nothing piles up outside: 1 if that is steady, or not known.
func (j *Job) demand() float64 {
	if j.SourceRate == nil || *j.SourceRate <= 0 {
		return 1
	}
	growth := 0.0
	for _, v := range j.Vertices {
		switch {
		case !v.tellsPending:
		case v.pendingGrowth == nil:
			return 1
		default:
			growth += *v.pendingGrowth
		}
	}
	return max(0, 1 + growth / *j.SourceRate)
}

// headroom is by how much the job's input could grow, as a ratio, until some
// subtask is busy all the time; nil if no share of time is known.
func (j *Job) headroom(demand float64) *float64 {
	busiest := 0.0
	for _, v := range j.Vertices {
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

// derive adds what follows for a vertex, by the JobManager's clock.
func (v *Vertex) derive(now flink.Millis, demand float64) {
	busy, rate := v.busyShare(), v.rate()
	if busy != nil {
		needed := *busy * demand
		v.Utilization = &needed
	}
	if busy != nil && rate != nil && *busy >= minBusy && *rate > 0 {
		trueRate := *rate / *busy
		perRecord := *busy * float64(v.Parallelism) / *rate
		v.TrueRate, v.SecondsPerRecord = &trueRate, &perRecord
	}
	if read := v.sourceRate(); v.Pending != nil && read != nil && *read > 0 {
		lag := *v.Pending / *read
		v.SourceLag = &lag
	}
	if v.Watermark != nil && now > 0 {
		lag := float64(now)/millisPerSecond - *v.Watermark
		v.WatermarkLag = &lag
	}
}

// busyShare is the share of time the vertex works, mean over the subtasks: by
// the counter of that time if Flink has it, because it covers the same time as
// the rates of records do, and otherwise by Flink's mean over a minute.
func (v *Vertex) busyShare() *float64 {
	if v.busyRate != nil && v.Parallelism > 0 {
		share := min(1, *v.busyRate/float64(v.Parallelism))
		return &share
	}
	if v.Busy != nil {
		return &v.Busy.Mean
	}
	return nil
}

// rate is how many records per second the vertex processes. Tasks of sources count
// what they read only since Flink 2: before, it is what they send or, if they send
// nothing on, what their operator reads.
func (v *Vertex) rate() *float64 {
	if !v.Source || v.RecordsInRate != nil && *v.RecordsInRate > 0 {
		return v.RecordsInRate
	}
	if v.RecordsOutRate == nil || *v.RecordsOutRate == 0 {
		return v.sourceRate()
	}
	return v.RecordsOutRate
}

// sourceRate is how many records per second a source reads, which may be more
// than it sends.
func (v *Vertex) sourceRate() *float64 {
	switch {
	case v.readRate != nil:
		return v.readRate
	case v.RecordsInRate != nil && *v.RecordsInRate > 0:
		return v.RecordsInRate
	}
	return v.RecordsOutRate
}
