package cause

// bound is the limit that a piece of evidence sets to a gain. Samples are counted again
// for each claim, because a stack that several frames share must count once.
type bound struct {
	frame string  // stacks with that frame, by dotted name
	rule  int     // stacks that belong to that rule; -1 is none
	share float64 // a share of the bottleneck's time, for all other evidence
}

// Share adds a metric that bounds a gain as evidence and returns its id.
func (f *Facts) Share(subject string, value float64, text string) string {
	id := f.Book.Metric(subject, value, "ratio", text)
	f.BoundBy(id, value)
	return id
}

// BoundBy limits the gain of a claim that cites id to the gain of a share of the
// bottleneck's time.
func (f *Facts) BoundBy(id string, share float64) { f.bounds[id] = bound{rule: -1, share: share} }

// remarkableSelf is the share of self time from which a single frame is remarkable.
const remarkableSelf = 0.25

// Remarkable reports whether the bundle shows anything remarkable: a finding more
// severe than info, or one frame with a large share of the time.
func (f *Facts) Remarkable() bool {
	if f.notable {
		return true
	}
	if f.Basis == nil {
		return false
	}
	for _, c := range f.Basis.frames {
		if float64(c.self) >= remarkableSelf*float64(f.Basis.Busy) {
			return true
		}
	}
	return false
}

// ShareOf returns the share of the bottleneck's time that the cited entries cover
// together. bounded is false if none of them is a share. A stack counts once, time off
// the CPU is added to time on it, and of all other shares only the largest counts.
func (f *Facts) ShareOf(cited []string) (share float64, bounded bool) {
	frames, belongs := map[string]bool{}, map[int]bool{}
	var direct, waited float64
	for _, id := range cited {
		limit, ok := f.bounds[id]
		switch {
		case !ok:
			continue
		case limit.frame != "":
			frames[limit.frame] = true
		case limit.rule >= 0:
			belongs[limit.rule] = true
		case f.Waited != nil && id == f.Waited.id:
			waited = limit.share
		default:
			direct = max(direct, limit.share)
		}
		bounded = true
	}
	sampled := f.OfCPU(f.sampled(frames, belongs))
	return max(direct, waited+sampled), bounded
}

// sampled returns the share of the basis's samples that have one of these frames or
// belong to one of these rules.
func (f *Facts) sampled(frames map[string]bool, belongs map[int]bool) float64 {
	if f.Basis == nil || len(frames)+len(belongs) == 0 {
		return 0
	}
	var n int64
	for _, p := range f.Basis.profiles {
		for stack, k := range p.Stacks {
			if k > 0 && f.reader.shows(stack, frames, belongs, f.released) {
				n += k
			}
		}
	}
	return float64(n) / float64(f.Basis.Busy)
}
