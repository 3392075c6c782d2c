package advisor

import "fmt"

// blocks judges calls that wait for an answer in the task thread.
func blocks(f *facts, i int) (verdict, bool) {
	basis := f.waitBasis()
	if basis == nil {
		return verdict{}, false
	}
	k := basis.attributed(i, f.released)
	if !significant(k, basis.busy) {
		return verdict{}, false
	}
	share, atLeast := float64(k)/float64(basis.busy), atLeastShare(k, basis.busy)
	v := verdict{
		evidence: append([]string{f.evidenceOf(i, basis, k)}, f.cited...),
		why:      fmt.Sprintf("%s runs in the task thread, which stands still until the answer comes.", frameName(most(basis.through[i].into))),
	}
	switch {
	case f.sinkIsBottleneck():
		// The job waits elsewhere: what this costs it now can't be measured.
		v.severity, v.confidence = severityOfHint(share), sureOfHints
		v.title = fmt.Sprintf("Blocking calls in task threads (%s of their time), before a sink that limits the job more", percent(share))
	case basis == &f.wall:
		v.impact, v.confidence = f.rules[i].removable.impact(atLeast*f.busy, share*f.busy), sureOfSamples*atLeast/share
		v.title = fmt.Sprintf("Task threads spend %s of their busy time in blocking calls", percent(share))
	case f.waited != nil:
		f.blame(&v, f.rules[i].removable, share)
		v.title = fmt.Sprintf("The bottleneck waits at least %s of its busy time, and makes blocking calls", percent(f.waited.share))
	default:
		v.severity, v.confidence = severityOfHint(share), sureOfHints
		v.title = fmt.Sprintf("Blocking calls in task threads (%s of their CPU time; how long they wait can't be seen in this mode)", percent(share))
	}
	return v, true
}

// waitBasis is the tally that a rule about waiting counts in: WALL, which sees
// the waiting itself, or else the basis of all rules.
func (f *facts) waitBasis() *tally {
	if f.wall.busy > 0 {
		return &f.wall
	}
	return f.basis
}

// blame bounds the impact by inferred waiting plus the share of CPU time that
// goes into the calls themselves. How much of it comes at once depends on the
// other vertices: the low end is what they can take today.
func (f *facts) blame(v *verdict, removable span, share float64) {
	lost := f.waited.share + f.running*share
	v.impact = removable.impact(f.waited.share*f.busy, lost*f.busy)
	v.confidence = sureOfHints
	v.evidence = append(v.evidence, f.waited.id)
	if ceiling, id, ok := f.ceiling(); ok {
		v.impact.LowPercent = min(v.impact.LowPercent, round(ceiling))
		v.evidence = append(v.evidence, id)
	}
}

// ceiling is how much faster the job can get, in percent, before the next
// vertex is the bottleneck: at today's rate that one is already busy.
func (f *facts) ceiling() (percentGain float64, id string, ok bool) {
	var next *Vertex
	for _, v := range f.bundle.Vertices {
		if v.ID != f.bundle.Bottleneck && v.Busy != nil && *v.Busy > 0 && (next == nil || *v.Busy > *next.Busy) {
			next = &v
		}
	}
	if next == nil {
		return 0, "", false
	}
	busy, name := min(*next.Busy, 1), cleanOr(next.Name, next.ID)
	id = f.book.metric("next bottleneck "+name, busy, "ratio",
		fmt.Sprintf("vertex %s is busy %s of the time at today's rate and becomes the bottleneck next", name, percent(busy)))
	return (1/busy - 1) * 100, id, true
}
