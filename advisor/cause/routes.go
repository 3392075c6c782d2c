package cause

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// routes are the paths into a cause: the outermost frames that show it, and the nearest
// frames of user code above them.
type routes struct{ into, from map[string]int64 }

func newRoutes() routes { return routes{into: map[string]int64{}, from: map[string]int64{}} }

func (r routes) addAll(other routes) {
	for name, n := range other.into {
		r.into[name] += n
	}
	for name, n := range other.from {
		r.from[name] += n
	}
}

func (g *group) routesOf(i int) routes {
	r, ok := g.through[i]
	if !ok {
		r = newRoutes()
		g.through[i] = r
	}
	return r
}

// routesOf returns the paths into the cause of rule i by which its own stacks come; if it owns
// none, those of all stacks that show it.
func (y *Tally) routesOf(i int) routes {
	own, all := newRoutes(), newRoutes()
	for _, g := range y.by {
		r := g.through[i]
		all.addAll(r)
		if g.causes.first(y.released) == i {
			own.addAll(r)
		}
	}
	if len(own.into) == 0 {
		return all
	}
	return own
}

// add counts the path by which a stack enters cause i.
func (r routes) add(frames []*traits, i int, n int64) {
	into := slices.IndexFunc(frames, func(f *traits) bool { return f.frames.has(i) })
	if into < 0 { // a wait without a call: the method that waits stands for it
		into = lastOfUser(frames)
	}
	r.into[frames[into].dotted] += n
	for j := into; j >= 0; j-- {
		if frames[j].User {
			r.from[frames[j].dotted] += n
			return
		}
	}
}

// lastOfUser returns the index of the last frame of user code; there is one.
func lastOfUser(frames []*traits) int {
	at := len(frames) - 1
	for at > 0 && !frames[at].User {
		at--
	}
	return at
}

// Into returns the frame that stands for the cause of rule i, empty if there is none: of the
// frames by which stacks enter the cause, the one that is in most stacks.
func (y *Tally) Into(i int) string {
	counts := map[string]int64{}
	for name := range y.routesOf(i).into {
		counts[name] = y.whole.frames[name].total
	}
	return most(counts)
}

// most returns the name with the largest count. Of names with equal counts it returns
// the first in alphabetical order.
func most(counts map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
