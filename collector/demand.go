package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/collector/bottleneck"
)

// The growth of a backlog below which it counts as steady, as a share of what is read and in
// records per second. A source fetches in batches, so what it says to be waiting is never quite
// still.
const (
	steadyBacklog = 0.05
	steadyRecords = 0.1
)

// demands say how many records arrive for each record that is read. The demand is 1 where the
// backlog outside Flink is steady, where it shrinks (the job then reads as fast as it can, and
// that is what it works for) and where no source reports a backlog. It is nil where the backlog
// is not known although the job may not keep up.
type demands struct {
	// on is the demand on each vertex, by the sources that lead to it; by id.
	on map[string]*float64
	// hidden is the greatest demand on a source that leads to no saturated vertex: what limits it
	// is nothing that works, such as a quota of the brokers, watermark alignment, or a vertex
	// that waits for answers asynchronously. It is 0 if none is above 1.
	hidden float64
}

func (j *jobRead) demands() demands {
	found, sources, explained := demands{on: map[string]*float64{}}, j.sourcesOf(), map[*vertexRead]bool{}
	for _, v := range j.vertices {
		found.on[v.ID] = j.demand(sources[v.ID])
		if v.Busy != nil && v.Busy.Max >= bottleneck.Saturated {
			for _, source := range sources[v.ID] {
				explained[source] = true
			}
		}
	}
	for i := range j.vertices {
		v := &j.vertices[i]
		if demand := found.on[v.ID]; len(v.Inputs) == 0 && !explained[v] && demand != nil && *demand > 1 {
			found.hidden = max(found.hidden, *demand)
		}
	}
	return found
}

// sourcesOf are the sources that lead to each vertex; a source leads to itself.
func (j *jobRead) sourcesOf() map[string][]*vertexRead {
	of := map[string][]*vertexRead{}
	for i := range j.vertices { // in Flink's order: a vertex comes after those before it
		v := &j.vertices[i]
		if len(v.Inputs) == 0 {
			of[v.ID] = []*vertexRead{v}
		}
		for _, input := range v.Inputs {
			for _, source := range of[input] {
				if !slices.Contains(of[v.ID], source) {
					of[v.ID] = append(of[v.ID], source)
				}
			}
		}
	}
	return of
}

// demand is how many records arrive for each that the sources read, or for the fullest subtask
// of one of them.
func (j *jobRead) demand(sources []*vertexRead) *float64 {
	read, growing, demand := 0.0, 0.0, 1.0
	for _, source := range sources {
		growth, known := j.growth(source)
		if !known || source.RecordsInRate == nil {
			return nil
		}
		read, growing = read+*source.RecordsInRate, growing+growth
		demand = max(demand, source.demandOfTheFullest())
	}
	if read <= 0 && growing >= steadyRecords {
		return nil // it stands
	}
	demand = max(demand, demandOf(growing, read))
	return &demand
}

// growth is by how many records per second the backlog of a source grows. Where nothing is full
// or held back, what arrives is read.
func (j *jobRead) growth(source *vertexRead) (perSecond float64, known bool) {
	switch {
	case !source.HasPending || source.Finished:
		return 0, true
	case source.growth != nil:
		return source.growth.All, true
	}
	return 0, source.Pending != nil && !source.heldBack() && !j.saturated()
}

// growing is by how many records per second the backlogs of all sources grow that are not
// steady.
func (j *jobRead) growing() (perSecond float64) {
	for i := range j.vertices {
		v := &j.vertices[i]
		if v.growth != nil && v.RecordsInRate != nil && demandOf(v.growth.All, *v.RecordsInRate) > 1 {
			perSecond += v.growth.All
		}
	}
	return perSecond
}

// demandOf is how many records arrive for each that is read.
func demandOf(growth, rate float64) float64 {
	if rate <= 0 || growth < max(steadyRecords, steadyBacklog*rate) {
		return 1
	}
	return 1 + growth/rate
}

// demandOfTheFullest is the demand on the subtask of a source for which most waits. If it
// is full, it is the limit even if the others have time.
func (v *vertexRead) demandOfTheFullest() float64 {
	if v.growth == nil || v.perMinute.most == nil || v.Busy == nil || v.Busy.Max < bottleneck.Saturated {
		return 1
	}
	return demandOf(v.growth.Most, *v.perMinute.most)
}

// isReading reports whether the sources are known to read records.
func (j *jobRead) isReading() bool { return j.SourceRate != nil && *j.SourceRate > 0 }
