package flame

import (
	"slices"
	"strings"
)

// frameTraits is what a frame's name says about the quality of the stacks that contain it.
type frameTraits struct {
	broken  bool // the profiler stopped walking the stack here
	hidden  bool // it replaces frames that the page omits
	unknown bool // no name
	java    bool
	entry   bool // a thread's Java code may begin with it
}

func traitsOf(frame string) frameTraits {
	return frameTraits{
		broken: isGivenUp(frame), hidden: frame == notShown, unknown: strings.HasPrefix(frame, "[unknown"),
		java: IsJava(frame), entry: entries[frame[strings.LastIndexByte(frame, '.')+1:]],
	}
}

// stackTraits describes the part of a stack from its root up to a frame.
type stackTraits struct {
	broken   bool // the profiler could not walk a part of it
	java     bool // it contains a Java frame
	rootless bool // its first Java frame is not an entry
	named    bool // the frame on top has a name
	hidden   bool // the frame on top is not shown
}

// with returns the traits after the next frame towards the top.
func (s stackTraits) with(f frameTraits) stackTraits {
	s.broken = s.broken || f.broken
	if f.java && !s.java {
		s.java, s.rootless = true, !f.entry
	}
	s.named, s.hidden = !f.unknown, f.hidden
	return s
}

// qualityCount counts samples by the fault of their stack.
type qualityCount struct {
	weights
	unknown, broken, rootless, hidden int64
}

func (c *qualityCount) add(s stackTraits, samples int64) {
	c.weights.add(samples)
	switch {
	case s.hidden:
		c.hidden += samples
	case s.broken:
		c.broken += samples
	case !s.named:
		c.unknown += samples
	case s.rootless:
		c.rootless += samples
	}
}

// givenUp are the prefixes of the frames that async-profiler writes in place of frames
// that it could not walk.
var givenUp = []string{
	"[unknown_Java", "[not_walkable", "[no_Java_frame", "[no_class_load",
	"[deoptimization", "[skipped", "[break_", "[unknown_state", "[safepoint",
}

func isGivenUp(frame string) bool {
	return strings.HasPrefix(frame, "[") &&
		slices.ContainsFunc(givenUp, func(begin string) bool { return strings.HasPrefix(frame, begin) })
}

// entries are the names of methods with which a thread's Java code may begin.
var entries = map[string]bool{
	"run": true, "runWith": true, "main": true, "exit": true, "enter": true, "call_stub": true,
}
