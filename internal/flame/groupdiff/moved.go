package groupdiff

import "math"

const (
	// stays is how much of a frame's change the share of what surrounds it may change, if the
	// cost only moved within it.
	stays = 0.25
	// widest is the largest share of what surrounds a frame. In more than half of all samples
	// everything moves: shares always add up to one.
	widest = 0.5
)

// movedWithin names the frame within which the cost of another only moved: the frame itself, of
// which a part is now in what it calls or the other way around, or its caller. It is empty if
// the change is real.
func movedWithin(frame string, before, after group) string {
	change := math.Abs(after.share(frame) - before.share(frame))
	for _, around := range []string{frame, mainCaller(frame, before, after)} {
		if around == "" || max(before.total[around], after.total[around]) > widest {
			continue
		}
		if math.Abs(after.total[around]-before.total[around]) <= stays*change {
			return around
		}
	}
	return ""
}

// mainCaller is the caller through which most of a frame's change came.
func mainCaller(frame string, before, after group) (found string) {
	most := 0.0
	for _, g := range []group{before, after} {
		for c := range g.called {
			if c.frame != frame {
				continue
			}
			change := math.Abs(after.called[c] - before.called[c])
			if change > most || change == most && c.caller < found {
				found, most = c.caller, change
			}
		}
	}
	return found
}

// renamed is the frame that vanished where another appeared with about the same share and the
// same caller, or the other way around; empty if there is none.
func renamed(frame string, others []string, before, after group) string {
	share := max(before.share(frame), after.share(frame))
	caller := mainCaller(frame, before, after)
	for _, other := range others {
		away := math.Abs(max(before.share(other), after.share(other)) - share)
		if away <= stays*share && mainCaller(other, before, after) == caller {
			return other
		}
	}
	return ""
}
