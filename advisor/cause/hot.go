package cause

// count is a frame's part in a tally. A frame that occurs several times in a stack
// counts once in total.
type count struct{ self, total int64 }

// hot counts frames by id.
type hot struct {
	counts []count
	seen   []int // by id: the last stack that had the frame
	stacks int
}

func (h *hot) add(frames []*traits, n int64) {
	h.stacks++
	for _, f := range frames {
		for len(h.counts) <= f.id {
			h.counts, h.seen = append(h.counts, count{}), append(h.seen, 0)
		}
		if h.seen[f.id] != h.stacks {
			h.seen[f.id] = h.stacks
			h.counts[f.id].total += n
		}
	}
	h.counts[frames[len(frames)-1].id].self += n
}

func (h *hot) byName(names map[string]int) map[string]count {
	out := make(map[string]count, len(h.counts))
	for name, id := range names {
		if id < len(h.counts) && h.counts[id].total > 0 {
			out[name] = h.counts[id]
		}
	}
	return out
}
