package advisor

// bound is the limit that a piece of evidence sets to a gain. Samples are
// counted anew for each claim, since what several frames have in common must
// count once; other shares stand for themselves.
type bound struct {
	frame string  // stacks with that frame, by dotted name
	rule  int     // stacks that belong to that rule; -1 is none
	share float64 // a share of the bottleneck's time, for anything else
}

// share is a metric that bounds a gain.
func (f *facts) share(subject string, value float64, text string) string {
	id := f.book.metric(subject, value, "ratio", text)
	f.bounds[id] = bound{rule: -1, share: value}
	return id
}

// remarkableSelf is the self time from which a single frame stands out.
const remarkableSelf = 0.25

// remarkable says whether anything in the bundle stands out: a rule fired for a
// gain worth a word, or one frame alone takes much of the time.
func (f *facts) remarkable() bool {
	if f.notable {
		return true
	}
	if f.basis == nil {
		return false
	}
	for _, c := range f.basis.frames {
		if float64(c.self) >= remarkableSelf*float64(f.basis.busy) {
			return true
		}
	}
	return false
}

// shareOf is the share of the bottleneck's time that the cited entries stand
// for together. What several frames have in common counts once; time off the
// CPU comes on top of time on it; of other shares the largest counts.
func (f *facts) shareOf(cited []string) (share float64, bounded bool) {
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
		case f.waited != nil && id == f.waited.id:
			waited = limit.share
		default:
			direct = max(direct, limit.share)
		}
		bounded = true
	}
	sampled := f.sampled(frames, belongs) * f.busy * f.running
	return max(direct, waited+sampled), bounded
}

// sampled is the share of the basis's samples with one of these frames, or
// belonging to one of these rules.
func (f *facts) sampled(frames map[string]bool, belongs map[int]bool) float64 {
	if f.basis == nil || len(frames)+len(belongs) == 0 {
		return 0
	}
	var n int64
	for _, p := range f.basis.profiles {
		for stack, k := range p.Stacks {
			if k > 0 && f.reader.shows(stack, frames, belongs, f.released) {
				n += k
			}
		}
	}
	return float64(n) / float64(f.basis.busy)
}
