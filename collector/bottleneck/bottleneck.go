// Package bottleneck finds the vertex that limits a job, from poll to poll.
package bottleneck

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Saturated is the share of time of its busiest subtask from which a vertex may be the
// limit. The rest of the time is reserve for bursts.
const Saturated = 0.8

// Shares of time that tell which vertex limits a job.
const (
	// clearlySaturated is the share at which one poll is enough.
	clearlySaturated = 0.85
	// pressed is the share of backpressured time from which a vertex waits for another.
	pressed = 0.05
	// clearlyBusier is by how much another vertex must be busier to become the busiest.
	clearlyBusier = 0.1
)

// Tracker follows from poll to poll which vertex limits a job and which is the busiest. It
// remembers the last answer, so that two vertices that are nearly equal do not alternate.
type Tracker struct {
	bottleneck, busiest string
	// challenger would have been the answer at the last poll.
	challenger string
}

// Next takes the vertices of a poll, in Flink's order. Where a vertex limits the job, it is
// the busiest one too. Where no share of time is known, nothing is.
func (l *Tracker) Next(vertices []snapshot.Vertex) snapshot.Limits {
	if !slices.ContainsFunc(vertices, func(v snapshot.Vertex) bool { return v.Busy != nil }) {
		return snapshot.Limits{}
	}
	found := of(vertices)
	none := l.bottleneck == ""
	if found.ID == "" || found.ID == l.challenger || none && found.Busy.Max >= clearlySaturated ||
		!none && !isSaturated(vertices, l.bottleneck) {
		l.bottleneck = found.ID
	}
	l.challenger = found.ID
	l.busiest = l.nextBusiest(vertices)
	return snapshot.Limits{BottleneckID: l.bottleneck, BusiestID: l.busiest}
}

func (l *Tracker) nextBusiest(vertices []snapshot.Vertex) string {
	if l.bottleneck != "" {
		return l.bottleneck
	}
	last, most := -1.0, snapshot.Vertex{}
	for _, v := range vertices {
		if v.Busy == nil {
			continue
		}
		if v.ID == l.busiest {
			last = v.Busy.Max
		}
		if most.Busy == nil || v.Busy.Max > most.Busy.Max {
			most = v
		}
	}
	if last >= 0 && most.Busy.Max < last+clearlyBusier {
		return l.busiest
	}
	return most.ID
}

func isSaturated(vertices []snapshot.Vertex, id string) bool {
	return slices.ContainsFunc(vertices, func(v snapshot.Vertex) bool {
		return v.ID == id && v.Busy != nil && v.Busy.Max >= Saturated
	})
}

// of returns the vertex that limits the job's throughput: the last saturated one on
// the way downstream. A vertex is not the limit if it waits for a saturated one downstream,
// nor if one upstream is as busy and does not wait: it would not be if something
// downstream was the limit. The share of the busiest subtask counts, because it limits the
// others. The result is empty if no vertex is saturated.
//
// See "Identifying the bottleneck" in Flink's article on backpressure,
// https://flink.apache.org/2021/07/07/how-to-identify-the-source-of-backpressure/.
func of(vertices []snapshot.Vertex) (found snapshot.Vertex) {
	var full []snapshot.Vertex
	for _, v := range vertices {
		if v.Busy != nil && v.Busy.Max >= Saturated {
			full = append(full, v)
		}
	}
	best := func(among []snapshot.Vertex) (found snapshot.Vertex) {
		for _, v := range among {
			if found.Busy == nil || v.Busy.Max > found.Busy.Max {
				found = v
			}
		}
		return found
	}
	last := slices.DeleteFunc(slices.Clone(full), func(v snapshot.Vertex) bool {
		return slices.ContainsFunc(full, func(other snapshot.Vertex) bool { return replaces(other, v, vertices) })
	})
	if len(last) == 0 {
		return best(full)
	}
	return best(last)
}

// replaces reports whether of two saturated vertices the other is the limit rather than v.
func replaces(other, v snapshot.Vertex, vertices []snapshot.Vertex) bool {
	waits := func(v snapshot.Vertex) bool { return v.Backpressured != nil && v.Backpressured.Max >= pressed }
	switch {
	case leadsTo(v, other, vertices):
		return waits(v) || other.Busy.Max > v.Busy.Max
	case leadsTo(other, v, vertices):
		return !waits(other) && other.Busy.Max >= v.Busy.Max
	}
	return false
}

// leadsTo reports whether records go from one vertex to another, directly or not.
func leadsTo(from, to snapshot.Vertex, vertices []snapshot.Vertex) bool {
	if from.ID == to.ID {
		return false
	}
	reached := map[string]bool{from.ID: true}
	for _, v := range vertices { // in Flink's order: a vertex comes after those before it
		reached[v.ID] = reached[v.ID] ||
			slices.ContainsFunc(v.Inputs, func(input string) bool { return reached[input] })
	}
	return reached[to.ID]
}
