package classify

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Classifier classifies the stacks of one profile. It caches the result for each frame. It is
// not safe for concurrent use.
type Classifier struct {
	wall      bool
	known     map[string]traits
	operators operators
	frames    []traits // of the last stack; reused
}

// traits are the properties that follow from a frame's name.
type traits struct {
	category Category
	thread   int // index into threads; len(threads) if no entry matches
	java     bool
	mailbox  bool // in this method a task waits for work or for free output buffers
}

// mailboxes are the methods in which a task without work waits for mail.
var mailboxes = names(
	"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable",
	"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take",
)

// NewClassifier returns a classifier for the stacks of a profile in the given mode.
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

// Stack returns the kind of thread that ran a stack, and the category of its work. The stack
// is given root first.
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

// waitOf returns the category of a thread that waits.
func waitOf(thread Thread, frames []traits) Category {
	switch {
	case has(frames, Locks):
		return Locks
	case thread == Task && !slices.ContainsFunc(frames, func(f traits) bool { return f.mailbox }):
		return Waiting
	}
	return Idle
}

// categoryOf goes from the top of the stack downward, see the package comment. A sample of
// processor time or of an allocation in a method that waits is not idle.
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
