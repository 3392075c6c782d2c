package cause

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Facts are a bundle in the form that rules read.
type Facts struct {
	Bundle *evidence.Bundle
	Rules  []Rule
	reader *tallier
	// CPU, Wall, alloc and lock count the usable profiles by kind.
	CPU, Wall, alloc, lock Tally
	// elsewhere are profiles of single vertices that don't limit the job.
	elsewhere []evidence.Profile
	// Basis is the tally that shares refer to: on-CPU samples if there are any, else
	// the busy part of WALL.
	Basis *Tally
	// Busy is the bottleneck's busy fraction, 1 if it is not known.
	Busy      float64
	busyKnown bool
	// Running is the fraction of the busy time in which the bottleneck is on the CPU.
	// It is below 1 only if waiting inside calls was measured.
	Running float64
	// Waited says how Running was measured; nil if it was not.
	Waited *Waiting
	// released are the rules that did not fire: their stacks count for later rules.
	released set
	// notable is set if a finding is more severe than info.
	notable bool
	Book    *evidence.Book
	// bounds holds, by evidence id, the limit for the gain of a claim that cites this
	// evidence.
	bounds       map[string]bound
	Observations []string
	Warnings     []string
	// Cited holds the ids that most findings cite, for example the busy fraction.
	Cited []string
}

// The least share and the least number of samples for which a rule fires.
const (
	MinShare   = 0.05
	MinSamples = 5
)

// Examine reads a bundle: it counts samples, measures waiting and adds the metrics as
// facts.
func Examine(b *evidence.Bundle, rules []Rule) *Facts {
	f := &Facts{
		Bundle: b, Rules: rules, reader: newTallier(rules), Busy: 1, Running: 1,
		released: newSet(len(rules)), Book: evidence.NewBook(), bounds: map[string]bound{},
	}
	f.observe()
	f.tallyProfiles()
	if f.Basis != nil {
		f.findWaiting()
	}
	return f
}

// observe adds the measurements that do not come from profiles.
func (f *Facts) observe() {
	b := f.Bundle
	for _, v := range b.Vertices {
		f.observeVertex(v)
	}
	if v, ok := b.Vertex(b.Bottleneck); ok && v.Busy != nil {
		f.Busy, f.busyKnown = min(max(*v.Busy, 0), 1), true
	}
	for _, m := range b.Metrics {
		subject := strings.TrimSpace(m.Name + " " + m.Subject)
		f.Book.Metric(subject, m.Value, m.Unit, strings.TrimSpace(fmt.Sprintf("%s is %s", subject,
			evidence.Quantity(m.Value, m.Unit))))
	}
}

func (f *Facts) observeVertex(v evidence.Vertex) {
	name := evidence.CleanOr(v.Name, v.ID)
	if v.Busy != nil {
		text := fmt.Sprintf("vertex %s is busy %s of the time", name, evidence.Percent(*v.Busy))
		if v.BusyMax != nil {
			text += fmt.Sprintf(", its busiest subtask %s", evidence.Percent(*v.BusyMax))
		}
		if v.ID == f.Bundle.Bottleneck && v.ID != "" {
			text += "; it limits the job"
		}
		id := f.Book.Metric("flink_vertex_busy_ratio "+name, *v.Busy, "ratio", text)
		if v.ID == f.Bundle.Bottleneck && v.ID != "" {
			f.Cited = append(f.Cited, id)
		}
	}
	if v.Backpressured != nil {
		f.Book.Metric("flink_vertex_backpressured_ratio "+name, *v.Backpressured, "ratio",
			fmt.Sprintf("vertex %s is backpressured %s of the time", name, evidence.Percent(*v.Backpressured)))
	}
}

// IndexOf returns the index of a rule in the list, -1 if it is not there.
func (f *Facts) IndexOf(name string) int {
	for i, r := range f.Rules {
		if r.Name == name {
			return i
		}
	}
	return -1
}

// SinkIsBottleneck reports whether the bottleneck is a sink: it is in Sinks, or has the
// name that Flink gives to writers.
func (f *Facts) SinkIsBottleneck() bool {
	for _, s := range f.Bundle.Sinks {
		if s.Vertex != "" && s.Vertex == f.Bundle.Bottleneck {
			return true
		}
	}
	v, ok := f.Bundle.Vertex(f.Bundle.Bottleneck)
	return ok && (strings.HasSuffix(v.Name, ": Writer") || strings.HasPrefix(v.Name, "Sink: "))
}

// Attributed counts the stacks of a tally that belong to rule i. Rules that did not
// fire have already released their stacks.
func (f *Facts) Attributed(y *Tally, i int) int64 { return y.attributed(i, f.released) }

// Significant reports whether a share of k of n is large enough to matter and has
// enough samples to exclude chance.
func Significant(k, n int64) bool {
	return k >= MinSamples && float64(k) >= MinShare*float64(n)
}

// EvidenceOf adds the share of a tally that belongs to rule i as evidence.
func (f *Facts) EvidenceOf(i int, y *Tally, k int64) string {
	share := float64(k) / float64(y.Busy)
	routes := y.through[i]
	into := most(routes.into)
	text := fmt.Sprintf("%d of %d samples of task threads at work (%s) pass through %s", k, y.Busy,
		evidence.Percent(share), FrameName(into))
	if others := len(routes.into) - 1; others > 0 {
		text += fmt.Sprintf(" and %d similar frames", others)
	}
	if from := most(routes.from); from != "" && from != into {
		text += ", mostly below " + FrameName(from)
	}
	id := f.Book.Add(episode.Evidence{
		Kind: evidence.KindFrame, Subject: into, Value: &share, Unit: "ratio",
		Text: text,
	})
	f.bounds[id] = bound{rule: i}
	if y != f.Basis {
		f.bounds[id] = bound{rule: -1, share: share * f.Busy}
	}
	return id
}

// FrameName limits the length of a frame's name in a sentence.
func FrameName(name string) string { return evidence.Clean(name, 100) }
