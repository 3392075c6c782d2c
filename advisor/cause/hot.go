package cause

import (
	"regexp"
	"strings"
)

// count is a frame's part in a tally. A frame that occurs several times in a stack
// counts once in total.
type count struct {
	self, total int64
	// vertex is the one in whose threads all stacks with the frame are, by the names of the threads;
	// severalVertices if they differ, empty if the profile names none.
	vertex string
}

const severalVertices = "\x00"

// in notes the vertex of a stack with the frame, before the stack is counted.
func (c *count) in(vertex string) {
	if c.total == 0 {
		c.vertex = vertex
	} else if c.vertex != vertex {
		c.vertex = severalVertices
	}
}

// named is the vertex by the names of the threads, empty if it is not known or there are several.
func (c count) named() string { return strings.TrimPrefix(c.vertex, severalVertices) }

// taskThread is the frame of a task's thread, which async-profiler writes with the option threads:
// [Source: orders -> map (1/2)#0 tid=4711].
var taskThread = regexp.MustCompile(`^\[(.+) \(\d+/\d+\)(#\d+)?( tid=\d+)?\]$`)

// vertexOfThread is the name of the vertex whose task runs in the thread of a stack; empty without such
// a frame above the task's first one.
func vertexOfThread(above []*traits) string {
	if len(above) == 0 {
		return ""
	}
	m := taskThread.FindStringSubmatch(above[0].dotted)
	if m == nil {
		return ""
	}
	return m[1]
}

// hot counts frames by id.
type hot struct {
	counts []count
	seen   []int // by id: the last stack that had the frame
	stacks int
}

func (h *hot) add(frames []*traits, vertex string, n int64) {
	h.stacks++
	for _, f := range frames {
		for len(h.counts) <= f.id {
			h.counts, h.seen = append(h.counts, count{}), append(h.seen, 0)
		}
		if h.seen[f.id] != h.stacks {
			h.seen[f.id] = h.stacks
			h.counts[f.id].in(vertex)
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
