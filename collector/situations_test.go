package collector

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
)

// situation is a job that is simulated for some time.
type situation struct {
	name string
	job  simulate.Job
	// runs is how long it is watched.
	runs time.Duration
}

// chain is a job of a source and vertices after each other, one capacity in records per
// second each, at a parallelism of 4.
func chain(arrivals simulate.Signal, capacities ...float64) []simulate.Vertex {
	var vertices []simulate.Vertex
	for i, capacity := range capacities {
		v := simulate.Vertex{
			ID: vertexID(i), Name: fmt.Sprintf("v%d", i), Parallelism: 4, PerRecord: 4 / capacity,
		}
		if i == 0 {
			v.Arrivals = arrivals
		} else {
			v.Inputs = []simulate.Edge{{From: vertexID(i - 1)}}
		}
		vertices = append(vertices, v)
	}
	return vertices
}

func vertexID(i int) string { return fmt.Sprintf("%s%02x", strings.Repeat("0", 30), i) }

// with changes one vertex of a chain.
func with(vertices []simulate.Vertex, at int, change func(*simulate.Vertex)) []simulate.Vertex {
	change(&vertices[at])
	return vertices
}

// branches is a source that sends to two vertices, which both send to a sink.
func branches(arrivals simulate.Signal, source, left, right, sink float64) []simulate.Vertex {
	vertices := chain(arrivals, source, left, right, sink)
	vertices[2].Inputs = []simulate.Edge{{From: vertexID(0)}}
	vertices[3].Inputs = []simulate.Edge{{From: vertexID(1)}, {From: vertexID(2)}}
	return vertices
}

// beside adds the vertices of another pipeline to the same job. What the last of them sends goes
// to the last vertex of the first one if they join.
func beside(first []simulate.Vertex, join bool, second ...simulate.Vertex) []simulate.Vertex {
	end := len(first) - 1
	joined, n := first[end], len(first)
	if join {
		first, n = first[:end], end
	}
	for i := range second {
		second[i].ID, second[i].Name = vertexID(n+i), fmt.Sprintf("v%d", n+i)
		if i > 0 {
			second[i].Inputs[0].From = vertexID(n + i - 1)
		}
	}
	all := append(first, second...)
	if join {
		joined.ID, joined.Name = vertexID(len(all)), fmt.Sprintf("v%d", len(all))
		joined.Inputs = append(joined.Inputs, simulate.Edge{From: all[len(all)-1].ID})
		all = append(all, joined)
	}
	return all
}

// situations generates all situations.
func situations() []situation {
	all := steadySituations()
	for i := range all {
		all[i].runs = 2 * time.Minute
	}
	for _, s := range changingSituations() {
		s.runs = 4 * time.Minute
		all = append(all, s)
	}
	return all
}

// generated collects situations.
type generated []situation

func (g *generated) add(name string, vertices []simulate.Vertex) *simulate.Job {
	*g = append(*g, situation{name: name, job: simulate.Job{Vertices: vertices}})
	return &(*g)[len(*g)-1].job
}

// steadySituations do not change after they have begun.
func steadySituations() []situation {
	var all generated
	add, steady := all.add, simulate.Steady
	for _, load := range []float64{0, 1, 20, 100, 240, 300} { // the sink can do 329/s
		add(fmt.Sprintf("calm at %.0f/s", load), chain(steady(load), 2000, 600, 329))
	}
	for at, capacities := range [][]float64{{300, 2000, 1500}, {2000, 310, 900}, {2000, 900, 329}, {5000, 400, 395}} {
		for _, load := range []float64{450, 500, 800} {
			add(fmt.Sprintf("saturated %d at %.0f/s", at, load), chain(steady(load), capacities...))
		}
	}
	for _, load := range []float64{100, 600} {
		add(fmt.Sprintf("long chain at %.0f/s", load), chain(steady(load), 3000, 2500, 2000, 1500, 1200, 500, 900))
		add(fmt.Sprintf("branches, left slow, at %.0f/s", load), branches(steady(load), 3000, 300, 900, 5000))
		add(fmt.Sprintf("branches, right slow, at %.0f/s", load), branches(steady(load), 3000, 900, 300, 5000))
		add(fmt.Sprintf("branches, sink slow, at %.0f/s", load), branches(steady(load), 3000, 900, 900, 400))
	}
	for _, second := range []float64{500, 490, 505, 470} {
		add(fmt.Sprintf("near-equal 500 and %.0f", second), chain(steady(700), 3000, 500, second))
		add(fmt.Sprintf("near-equal with reserve, 500 and %.0f", second), chain(steady(250), 3000, 500, second))
	}
	for _, load := range []float64{60, 150, 400} {
		add(fmt.Sprintf("skew at %.0f/s", load), with(chain(steady(load), 3000, 600, 2000), 1,
			func(v *simulate.Vertex) { v.Skew = []float64{0.7, 0.1, 0.1, 0.1} }))
		add(fmt.Sprintf("skewed source at %.0f/s", load), with(chain(steady(load), 500, 3000, 2000), 0,
			func(v *simulate.Vertex) { v.Skew = []float64{0.4, 0.3, 0.2, 0.1} }))
		add(fmt.Sprintf("filter at %.0f/s", load), with(chain(steady(10*load), 8000, 6000, 300), 2,
			func(v *simulate.Vertex) { v.Inputs[0].Selectivity = 0.1 }))
		add(fmt.Sprintf("explode at %.0f/s", load), with(chain(steady(load/4), 8000, 6000, 300), 2,
			func(v *simulate.Vertex) { v.Inputs[0].Selectivity = 4 }))
	}
	for _, load := range []float64{100, 250} {
		for _, asynchronous := range []bool{false, true} {
			for _, calls := range []float64{120, 500} {
				add(fmt.Sprintf("waits for answers, asynchronous %v, %.0f of %.0f/s", asynchronous, calls, load),
					with(chain(steady(load), 2000, calls, 900), 1, func(v *simulate.Vertex) {
						v.Waits, v.Asynchronous = 0.8*v.PerRecord, asynchronous
					}))
			}
		}
		add(fmt.Sprintf("hides what waits, %.0f/s", load), with(chain(steady(load), 2000, 600, 180), 0,
			func(v *simulate.Vertex) { v.HidesPending = true }))
		add(fmt.Sprintf("legacy source at %.0f/s", load), with(chain(steady(load), 2000, 600, 329), 0,
			func(v *simulate.Vertex) { v.Legacy = true }))
	}
	for _, quota := range []float64{30, 150} {
		for _, load := range []float64{200, 300} {
			add(fmt.Sprintf("reads %.0f of %.0f/s by a quota", quota, load), with(chain(steady(load), 2000, 600, 329), 0,
				func(v *simulate.Vertex) { v.ReadsAtMost = quota }))
		}
	}
	for _, load := range []float64{20, 60, 120} { // the small source's second vertex can do 40/s
		small := func() []simulate.Vertex { return chain(steady(load), 2000, 40, 3000) }
		add(fmt.Sprintf("a small source at %.0f/s joins a large one", load), beside(small(), true, chain(steady(800), 4000)...))
		add(fmt.Sprintf("a small pipeline at %.0f/s beside a large one", load),
			beside(small(), false, chain(steady(800), 4000, 2000)...))
		add(fmt.Sprintf("a small pipeline at %.0f/s beside a full one", load),
			beside(small(), false, chain(steady(800), 4000, 1000)...))
	}
	return all
}

// changingSituations have a load or a capacity that changes, or tasks that start and end.
func changingSituations() []situation {
	var all generated
	add, steady := all.add, simulate.Steady
	for _, backlog := range []float64{40_000, 150_000} {
		add(fmt.Sprintf("drains %.0f", backlog), with(chain(steady(100), 1602, 4000, 3000), 0,
			func(v *simulate.Vertex) { v.Backlog = backlog }))
		add(fmt.Sprintf("drains %.0f by the sink", backlog), with(chain(steady(100), 4000, 3000, 900), 0,
			func(v *simulate.Vertex) { v.Backlog = backlog }))
	}
	for _, after := range []float64{20, 200, 500} {
		add(fmt.Sprintf("jumps to %.0f/s", after), chain(simulate.From(100, 95*time.Second, after), 2000, 600, 329))
		add(fmt.Sprintf("falls from %.0f/s", after), chain(simulate.From(after, 95*time.Second, 50), 2000, 600, 329))
	}
	add("a burst each minute", chain(func(at time.Duration) float64 {
		if at%time.Minute < 10*time.Second {
			return 900
		}
		return 50
	}, 3000, 2000, 1000))
	stall := func(from, to time.Duration) simulate.Signal {
		return func(at time.Duration) float64 {
			if at >= from && at < to {
				return 1
			}
			return 0
		}
	}
	for _, load := range []float64{100, 250} {
		add(fmt.Sprintf("stalled sink at %.0f/s", load), with(chain(steady(load), 2000, 600, 329), 2,
			func(v *simulate.Vertex) { v.Stalled = stall(80*time.Second, time.Hour) }))
		add(fmt.Sprintf("sink stalls for a minute at %.0f/s", load), with(chain(steady(load), 2000, 600, 329), 2,
			func(v *simulate.Vertex) { v.Stalled = stall(80*time.Second, 140*time.Second) }))
		add(fmt.Sprintf("stalled in the middle at %.0f/s", load), with(chain(steady(load), 2000, 600, 700), 1,
			func(v *simulate.Vertex) { v.Stalled = stall(80*time.Second, time.Hour) }))
		for _, at := range [][]time.Duration{{100 * time.Second}, {60 * time.Second, 130 * time.Second}} {
			job := add(fmt.Sprintf("%d restarts at %.0f/s", len(at), load), chain(steady(load), 2000, 600, 329))
			job.Restarts, job.RestartTakes = at, 20*time.Second
		}
		add(fmt.Sprintf("two subtasks finish at %.0f/s", load), with(chain(steady(load), 2000, 800, 1200), 0,
			func(v *simulate.Vertex) {
				v.Finished, v.Ends, v.Skew = 2, 100*time.Second, []float64{0, 0, 0.5, 0.5}
			}))
	}
	return all
}
