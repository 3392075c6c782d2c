package advisor

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// facts are what the rules look at: a bundle, read.
type facts struct {
	bundle *Bundle
	rules  []rule
	reader *tallier
	// cpu, wall, alloc and lock are the usable profiles by kind.
	cpu, wall, alloc, lock tally
	// elsewhere are profiles of single vertices that don't limit the job.
	elsewhere []Profile
	// basis is the tally whose busy samples shares are shares of: on-CPU
	// samples if there are any, else the busy part of WALL.
	basis *tally
	// busy is the bottleneck's busy fraction, 1 when it is not known.
	busy      float64
	busyKnown bool
	// running is the fraction of that time in which the bottleneck is on the
	// CPU: below 1 only where it was seen to wait inside calls.
	running float64
	// waited says how running was found, nil when it was not.
	waited *waiting
	// released are rules that had their say and gave their stacks up.
	released causes
	// notable is set when a rule fired for more than an aside.
	notable bool
	book    *book
	// bounds says, by id of evidence, what a claim that cites it may gain.
	bounds       map[string]bound
	observations []string
	warnings     []string
	// cited are ids that most findings have in common: the busy fraction.
	cited []string
}

// What a share must be for a rule to speak: large enough to matter, and seen
// often enough not to be chance.
const (
	minShare   = 0.05
	minSamples = 5
)

// examine reads a bundle.
func examine(b *Bundle, rules []rule) *facts {
	f := &facts{bundle: b, rules: rules, reader: newTallier(rules), busy: 1, running: 1, released: newCauses(len(rules)), book: newBook(), bounds: map[string]bound{}}
	f.observe()
	f.tallyProfiles()
	if f.basis != nil {
		f.findWaiting()
	}
	return f
}

// observe writes down what was measured beside profiles.
func (f *facts) observe() {
	b := f.bundle
	for _, v := range b.Vertices {
		f.observeVertex(v)
	}
	if v, ok := b.vertex(b.Bottleneck); ok && v.Busy != nil {
		f.busy, f.busyKnown = min(max(*v.Busy, 0), 1), true
	}
	for _, m := range b.Metrics {
		subject := strings.TrimSpace(m.Name + " " + m.Subject)
		f.book.metric(subject, m.Value, m.Unit, strings.TrimSpace(fmt.Sprintf("%s is %s", subject, quantity(m.Value, m.Unit))))
	}
}

func (f *facts) observeVertex(v Vertex) {
	name := cleanOr(v.Name, v.ID)
	if v.Busy != nil {
		text := fmt.Sprintf("vertex %s is busy %s of the time", name, percent(*v.Busy))
		if v.BusyMax != nil {
			text += fmt.Sprintf(", its busiest subtask %s", percent(*v.BusyMax))
		}
		if v.ID == f.bundle.Bottleneck && v.ID != "" {
			text += "; it limits the job"
		}
		id := f.book.metric("flink_vertex_busy_ratio "+name, *v.Busy, "ratio", text)
		if v.ID == f.bundle.Bottleneck && v.ID != "" {
			f.cited = append(f.cited, id)
		}
	}
	if v.Backpressured != nil {
		f.book.metric("flink_vertex_backpressured_ratio "+name, *v.Backpressured, "ratio",
			fmt.Sprintf("vertex %s is backpressured %s of the time", name, percent(*v.Backpressured)))
	}
}

func (f *facts) indexOf(name string) int {
	for i, r := range f.rules {
		if r.name == name {
			return i
		}
	}
	return -1
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

func significant(k, n int64) bool {
	return k >= minSamples && float64(k) >= minShare*float64(n)
}

// evidenceOf adds the entry that says how much of the basis rule i has.
func (f *facts) evidenceOf(i int, y *tally, k int64) string {
	share := float64(k) / float64(y.busy)
	routes := y.through[i]
	into := most(routes.into)
	text := fmt.Sprintf("%d of %d samples of task threads at work (%s) pass through %s", k, y.busy, percent(share), frameName(into))
	if others := len(routes.into) - 1; others > 0 {
		text += fmt.Sprintf(" and %d similar frames", others)
	}
	if from := most(routes.from); from != "" && from != into {
		text += ", mostly below " + frameName(from)
	}
	id := f.book.add(episode.Evidence{Kind: kindFrame, Subject: into, Value: &share, Unit: "ratio", Text: text})
	f.bounds[id] = bound{rule: i}
	if y != f.basis {
		f.bounds[id] = bound{rule: -1, share: share * f.busy}
	}
	return id
}

// frameName bounds a frame's name in a sentence.
func frameName(name string) string { return clean(name, 100) }
