package simulate

import (
	"math"
	"time"
)

// Arrivals are the records per second that arrive now at all sources.
func (j *Job) Arrivals() (perSecond float64) { return j.arrivals(j.since) }

func (j *Job) arrivals(since time.Duration) (perSecond float64) {
	for _, v := range j.Vertices {
		if v.Source() && v.Arrivals != nil {
			perSecond += v.Arrivals(since)
		}
	}
	return perSecond
}

// Waiting is how many records wait outside the sources.
func (j *Job) Waiting() (records float64) {
	for _, v := range j.Vertices {
		for _, s := range j.subtasks[v.ID] {
			records += s.Backlog
		}
	}
	return records
}

// Sustainable is how many times the present input the job can process, and the vertex that
// is the limit. A stalled vertex makes it 0. Without any input it is how often one record
// per second of each source fits.
func (j *Job) Sustainable() (factor float64, limit string) {
	factor = math.Inf(1)
	for _, v := range j.Vertices {
		if fits := j.Fits(v.ID, j.since); fits < factor {
			factor, limit = fits, v.ID
		}
	}
	return factor, limit
}

// Fits is how many times the input at a moment one vertex can process.
func (j *Job) Fits(vertex string, since time.Duration) (times float64) {
	flow := j.flow(since)
	for _, v := range j.Vertices {
		if v.ID != vertex {
			continue
		}
		if v.stalled(since) {
			return 0
		}
		_, capacity := v.Capacity()
		if v.ReadsAtMost > 0 {
			capacity = min(capacity, v.ReadsAtMost)
		}
		return capacity / flow[v.ID]
	}
	return math.Inf(1)
}

// flow is how many records per second each vertex must process to keep up.
func (j *Job) flow(since time.Duration) map[string]float64 {
	flow := map[string]float64{}
	nothing := j.arrivals(since) == 0
	for _, v := range j.Vertices {
		switch {
		case v.Source() && nothing:
			flow[v.ID] = 1
		case v.Source() && v.Arrivals != nil:
			flow[v.ID] = v.Arrivals(since)
		}
		for _, e := range v.Inputs {
			flow[v.ID] += flow[e.From] * e.selectivity()
		}
	}
	return flow
}

// Limiting is the vertex that limits the job: because of it more than what arrives in a
// second waits outside. ok is false if the job keeps up.
func (j *Job) Limiting() (vertex string, ok bool) {
	factor, limit := j.Sustainable()
	keepsUp := factor >= 1 && j.Waiting() <= max(1, j.Arrivals())
	return limit, !keepsUp
}
