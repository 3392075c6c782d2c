package cause

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/limit"
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
	elsewhere []aside
	// Basis is the tally that shares refer to: on-CPU samples if there are any, else
	// the busy part of WALL.
	Basis *Tally
	// Busy is the bottleneck's busy fraction, 1 if it is not known.
	Busy      float64
	busyKnown bool
	// Load is what the busy time of all vertices says about the limit of the job.
	Load limit.Job
	// methods tell the stacks of the bottleneck from those of other vertices.
	methods methods
	// limited is false if it is known that no vertex limits the job: then less work for a
	// record costs less, but brings no throughput.
	limited bool
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
		Bundle: b, Rules: rules, reader: newTallier(rules), Busy: 1, Running: 1, limited: true,
		released: newSet(len(rules)), Book: evidence.NewBook(), bounds: map[string]bound{},
	}
	f.Load = limit.Of(b)
	f.observe()
	f.methods = f.readMethods()
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
	f.limited = !f.busyKnown || f.Load.Limited()
	for _, m := range b.Metrics {
		subject := strings.TrimSpace(m.Name + " " + m.Subject)
		f.Book.Metric(subject, m.Value, m.Unit, strings.TrimSpace(fmt.Sprintf("%s is %s", subject,
			evidence.Quantity(m.Value, m.Unit))))
	}
}

// role says what the bottleneck is for the job. It is empty if a vertex waits although the
// bottleneck has time left: which vertex limits the job does not show.
func (f *Facts) role(v evidence.Vertex) string {
	switch {
	case limit.Full(v):
		return "; it limits the job"
	case f.Load.Limited():
		return ""
	}
	return "; it is the busiest, and no vertex limits the job"
}

func (f *Facts) observeVertex(v evidence.Vertex) {
	name := evidence.CleanOr(v.Name, v.ID)
	if v.Busy != nil {
		text := fmt.Sprintf("vertex %s is busy %s of the time", name, evidence.Percent(*v.Busy))
		if v.BusyMax != nil {
			text += fmt.Sprintf(", its busiest subtask %s", evidence.Percent(*v.BusyMax))
		}
		if v.ID == f.Bundle.Bottleneck && v.ID != "" {
			text += f.role(v)
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

// SinkIsBottleneck reports whether the bottleneck is a sink and nothing else. In a chain with
// other operators the time may be theirs.
func (f *Facts) SinkIsBottleneck() bool {
	v, ok := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !ok || f.Bundle.Bottleneck == "" {
		return false
	}
	first, _, chained := strings.Cut(v.Name, " -> ")
	if strings.HasPrefix(first, "Sink: ") || strings.HasSuffix(first, ": Writer") {
		return true
	}
	return !chained && slices.ContainsFunc(f.Bundle.Sinks, func(s evidence.SinkRate) bool { return s.Vertex == v.ID })
}

// Attributed counts the stacks of a tally that belong to rule i. Rules that did not
// fire have already released their stacks.
func (f *Facts) Attributed(y *Tally, i int) int64 { return y.attributed(i, f.released) }

// Significant reports whether a share of k of n is large enough to matter and has
// enough samples to exclude chance.
func Significant(k, n int64) bool {
	return k >= MinSamples && float64(k) >= MinShare*float64(n)
}

// EvidenceOf adds the share of a tally that belongs to rule i as evidence. Its subject is
// the frame that stands for the cause, with that frame's own counts.
func (f *Facts) EvidenceOf(i int, y *Tally, k int64) string {
	routes := y.routesOf(i)
	into := y.Into(i)
	text := fmt.Sprintf("%s; %d of %d%s (%s) belong to this cause", y.isIn(into), k, y.Busy, f.ofLimit(y),
		evidence.Percent(float64(k)/float64(y.Busy)))
	if others := len(routes.into) - 1; others > 0 {
		text += fmt.Sprintf(", with %d similar frame", others)
		if others > 1 {
			text += "s"
		}
	}
	if from := most(routes.from); from != "" && from != into {
		text += ", mostly below " + FrameName(from)
	}
	id := f.Frame(y, into, text)
	f.bounds[id] = bound{rule: i}
	if y != f.Basis {
		_, high := f.whileItWaits()
		f.bounds[id] = bound{rule: -1, share: float64(k) / float64(y.Busy) * high}
	}
	return id
}

// ofLimit names the samples that are counted where they are not all.
func (f *Facts) ofLimit(y *Tally) string {
	if y.Busy == y.whole.work {
		return ""
	}
	return " samples that can be of the " + f.either("vertex that limits", "busiest vertex")
}

// Frame adds a frame of a tally as evidence, with its counts in all task threads at work,
// and returns its id.
func (f *Facts) Frame(y *Tally, name, text string) string {
	c := y.whole.frames[name]
	share := float64(c.total) / float64(y.whole.work)
	return f.Book.Add(episode.Evidence{
		Kind: evidence.KindFrame, Subject: name, Value: &share, Unit: "ratio", Text: text,
		Samples: &c.total, Self: &c.self, Of: new(y.whole.work), Mode: y.mode(), Operator: f.operator(y, name),
	})
}

// isIn says how many samples hold a frame.
func (y *Tally) isIn(name string) string {
	return fmt.Sprintf("%s is in %d of %d samples of task threads at work", FrameName(name),
		y.whole.frames[name].total, y.whole.work)
}

// IsIn says in a sentence how many samples hold the frame by which most stacks enter the
// cause of rule i.
func (y *Tally) IsIn(i int) string { return y.isIn(y.Into(i)) + "." }

// mode is the mode of the tally's profiles.
func (y *Tally) mode() string {
	if len(y.profiles) == 0 {
		return ""
	}
	return y.profiles[0].Mode
}

// FrameName limits the length of a frame's name in a sentence.
func FrameName(name string) string { return evidence.Clean(name, 200) }
