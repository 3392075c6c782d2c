package outcome

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// sample is what was measured for one label and load. shape is that of the load, with its rate if
// it has one: throughputs at different rates have nothing in common.
type sample struct {
	label, shape string
	baseline     bool
	deployments  []*deployment
	// numbered is false if it is not known which iterations share a deployment.
	numbered bool
	// paired is true if an import says so.
	paired bool
	// successive is true if the deployments are stretches of time, one after the other.
	successive bool
	// tests are the tests that count.
	tests []scalerun.Test
}

// deployment is what was measured on one deployment.
type deployment struct {
	id    string
	began time.Time
	order int // as an import numbers it; 0 otherwise
	// throughputs are those of the iterations that count, logs their logarithms.
	throughputs, logs []float64
	p50, p99, cpu     []float64
}

// load is the shape of a test's load with its rate. A search has no rate of its own.
func load(t scalerun.Test) string {
	if t.Rate > 0 && t.Sustainable == nil {
		return fmt.Sprintf("%s %g/s", t.Shape, t.Rate)
	}
	return t.Shape
}

// samples groups tests, oldest first, by label and load. Deployments are in their order.
func samples(tests []scalerun.Test) []*sample {
	var out []*sample
	for _, t := range tests {
		at := slices.IndexFunc(out, func(s *sample) bool { return s.label == t.Label && s.shape == load(t) })
		if at < 0 {
			at, out = len(out), append(out, &sample{label: t.Label, shape: load(t), numbered: true})
		}
		out[at].add(t)
	}
	for _, s := range out {
		slices.SortStableFunc(s.deployments, func(a, b *deployment) int {
			return cmp.Or(cmp.Compare(a.order, b.order), a.began.Compare(b.began))
		})
	}
	return out
}

func (s *sample) add(t scalerun.Test) {
	s.baseline = s.baseline || t.Baseline
	if t.Verdict != scalerun.OK {
		return
	}
	s.tests = append(s.tests, t)
	s.numbered = s.numbered && t.Deployment != ""
	at := slices.IndexFunc(s.deployments, func(d *deployment) bool { return d.id == t.Deployment })
	for _, iteration := range t.Iterations {
		if !iteration.Counts() || !(*iteration.Throughput > 0) || math.IsInf(*iteration.Throughput, 0) {
			continue
		}
		if at < 0 {
			at, s.deployments = len(s.deployments), append(s.deployments, &deployment{id: t.Deployment, began: t.Began})
		}
		s.deployments[at].add(iteration)
	}
	if t.Imported != nil && at >= 0 {
		s.deployments[at].order, s.paired = t.Imported.Deployment, t.Imported.Paired
	}
}

func (d *deployment) add(i scalerun.Iteration) {
	d.throughputs = append(d.throughputs, *i.Throughput)
	d.logs = append(d.logs, math.Log(*i.Throughput))
	var p50, p99 *float64
	for _, sink := range i.Sinks {
		p50, p99 = slower(p50, sink.Latency.P50), slower(p99, sink.Latency.P99)
	}
	d.p50, d.p99, d.cpu = known(d.p50, p50), known(d.p99, p99), known(d.cpu, i.CPUPerMillion)
}

func slower(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

func known(values []float64, v *float64) []float64 {
	if v == nil {
		return values
	}
	return append(values, *v)
}

func (s *sample) iterations() (n int) {
	for _, d := range s.deployments {
		n += len(d.logs)
	}
	return n
}
