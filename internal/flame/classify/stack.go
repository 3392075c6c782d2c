package classify

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Classifier reads stacks of one profile. It remembers what it found out about each
// frame. It is not safe for concurrent use.
type Classifier struct {
	wall      bool
	known     map[string]traits
	operators operators
	frames    []traits // of the stack read last; reused
}

// traits are what a frame's name alone tells.
type traits struct {
	category Category
	thread   int // index into threads, or their number for none
	java     bool
	mailbox  bool // a task waits for work, or for room in its outputs, below this
}

// mailboxes is where a task waits for mail when there is nothing else to do.
var mailboxes = names(
	"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable",
	"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take",
)

// NewClassifier returns a classifier of stacks of a profile in a mode.
func NewClassifier(mode flame.Mode) *Classifier {
	return &Classifier{wall: mode.SeesWaiting(), known: map[string]traits{}}
}

func (c *Classifier) traitsOf(frame string) traits {
	if known, ok := c.known[frame]; ok {
		return known
	}
	name := dotted(frame)
	out := traits{
		category: Frame(frame), thread: len(threads),
		java: flame.IsJava(frame) || isJavaWithDots(name), mailbox: mailboxes.matches(name),
	}
	for i, kind := range threads {
		if kind.frames.matches(name) {
			out.thread = i
			break
		}
	}
	c.known[frame] = out
	return out
}

// Stack returns the kind of thread that a stack, given root first, ran in, and
// the category of what it did there.
func (c *Classifier) Stack(stack []string) (Thread, Category) {
	if len(stack) == 0 {
		return Other, Unknown
	}
	frames := c.frames[:0]
	for _, frame := range stack {
		frames = append(frames, c.traitsOf(frame))
	}
	c.frames = frames
	thread := threadOf(frames)
	switch {
	case c.wall && frames[len(frames)-1].category == Idle:
		return thread, waitOf(thread, frames)
	case thread == Compiler:
		return thread, JIT
	case thread == Collector || has(frames, GC):
		return thread, GC
	case has(frames, JIT):
		return thread, JIT
	}
	return thread, categoryOf(frames)
}

func has(frames []traits, c Category) bool {
	return slices.ContainsFunc(frames, func(f traits) bool { return f.category == c })
}

func threadOf(frames []traits) Thread {
	first, java := len(threads), false
	for _, f := range frames {
		first, java = min(first, f.thread), java || f.java
	}
	switch {
	case first < len(threads):
		return threads[first].thread
	case java:
		return Other
	}
	return VM
}

// waitOf is the category of a thread that is off the CPU.
func waitOf(thread Thread, frames []traits) Category {
	switch {
	case has(frames, Locks):
		return Locks
	case thread == Task && !slices.ContainsFunc(frames, func(f traits) bool { return f.mailbox }):
		return Waiting
	}
	return Idle
}

// categoryOf goes from the top of the stack downward, see the package comment. To
// be on the way to sleep, or to allocate there, is not to be idle.
func categoryOf(frames []traits) Category {
	found := frames[len(frames)-1].category
	if found == Idle {
		found = Native
	}
	for _, f := range slices.Backward(frames) {
		switch {
		case !found.Tells():
			if f.category.Tells() {
				found = f.category
			}
		case slices.Contains(absorbs[f.category], found):
			found = f.category
		}
		if f.category == User {
			return found
		}
	}
	return found
}
