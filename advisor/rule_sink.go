package advisor

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// From how many requests per second and subtask a sink is taken to send them
// because of records rather than because of its flush interval, and up to how
// many records a request counts as not batched.
const (
	manyRequests  = 20
	fewPerRequest = 5
	wellBatched   = 20
	// requestsInSink is the part of a sink's own samples that making requests
	// has at least where each record makes one; batches spread it thin.
	requestsInSink = 0.5
)

// sendsSingly judges sinks that make a request for each record or few.
func sendsSingly(f *facts, i int) (verdict, bool) {
	rate, rated := f.smallestBatches()
	perRequest := rate.perRequest()
	k, profiled := f.requestSamples(i)
	if rated && perRequest > wellBatched {
		return verdict{}, false
	}
	tooMany := rated && perRequest <= fewPerRequest && rate.Requests/float64(max(1, rate.Subtasks)) >= manyRequests
	if !profiled && !tooMany {
		return verdict{}, false
	}
	v := verdict{severity: episode.Info, confidence: sureOfHints, title: "Requests are most of what a sink does: its batches are small, or single records"}
	if rated {
		id := f.book.metric("records per request "+cleanOr(rate.Name, rate.Vertex), perRequest, "records",
			fmt.Sprintf("sink %s sends %.1f records in each of %.4g requests per second", cleanOr(rate.Name, rate.Vertex), perRequest, rate.Requests))
		v.evidence, v.why = append(v.evidence, id), fmt.Sprintf("A request carries %.1f records on average.", perRequest)
		v.title = fmt.Sprintf("Sink %s sends %.1f records per request", cleanOr(rate.Name, rate.Vertex), perRequest)
		v.severity, v.confidence = f.severityOfSink(rate), sureOfMetrics
	}
	if profiled {
		f.boundSink(&v, i, k)
	}
	v.evidence = append(v.evidence, f.cited...)
	return v, true
}

// boundSink adds what the profile says about the requests.
func (f *facts) boundSink(v *verdict, i int, k int64) {
	basis := f.waitBasis()
	share, atLeast := float64(k)/float64(basis.busy), atLeastShare(k, basis.busy)
	v.evidence = append(v.evidence, f.evidenceOf(i, basis, k))
	v.why += fmt.Sprintf(" %s of the samples of task threads at work make requests of a sink, most of what that sink does.", percent(share))
	v.why = strings.TrimSpace(v.why)
	scale := f.busy
	if basis != &f.wall {
		scale *= f.running
	}
	if basis != &f.wall && f.waited != nil && f.sinkIsBottleneck() {
		f.blame(v, f.rules[i].removable, share)
		return
	}
	v.impact = f.rules[i].removable.impact(atLeast*scale, share*scale)
	v.confidence *= atLeast / share
}

// requestSamples counts the stacks in which a sink makes requests, and says
// whether they are so many that each record must have made one.
func (f *facts) requestSamples(i int) (int64, bool) {
	basis := f.waitBasis()
	if basis == nil {
		return 0, false
	}
	k := basis.attributed(i, f.released)
	sinks := basis.showing(f.indexOf(sinkAtWork))
	return k, significant(k, basis.busy) && float64(k) >= requestsInSink*float64(sinks)
}

func (f *facts) indexOf(name string) int {
	for i, r := range f.rules {
		if r.name == name {
			return i
		}
	}
	return -1
}

func (s SinkRate) perRequest() float64 {
	if s.Requests <= 0 {
		return 0
	}
	return s.Records / s.Requests
}

// smallestBatches returns the sink with the fewest records per request among
// those that send any.
func (f *facts) smallestBatches() (SinkRate, bool) {
	var least SinkRate
	found := false
	for _, s := range f.bundle.Sinks {
		if s.Requests > 0 && s.Records > 0 && (!found || s.perRequest() < least.perRequest()) {
			least, found = s, true
		}
	}
	return least, found
}

// severityOfSink grades small batches without a bound by how busy they keep
// the sink.
func (f *facts) severityOfSink(s SinkRate) episode.Severity {
	v, known := f.bundle.vertex(s.Vertex)
	if known && v.Busy != nil && *v.Busy >= muchWaiting {
		return episode.Warning
	}
	return episode.Info
}

// sinkIsBottleneck says whether the bottleneck is a vertex that writes out:
// one of Sinks, or named as Flink names writers.
func (f *facts) sinkIsBottleneck() bool {
	for _, s := range f.bundle.Sinks {
		if s.Vertex != "" && s.Vertex == f.bundle.Bottleneck {
			return true
		}
	}
	v, ok := f.bundle.vertex(f.bundle.Bottleneck)
	return ok && (strings.HasSuffix(v.Name, ": Writer") || strings.HasPrefix(v.Name, "Sink: "))
}

// never is the judge of a row that only counts stacks for others.
func never(*facts, int) (verdict, bool) { return verdict{}, false }
