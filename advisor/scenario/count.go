package scenario

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Count is a number of samples among others.
type Count struct {
	Samples int64 `json:"samples"`
	Among   int64 `json:"among"`
}

// Ratio is between 0 and 1; 0 if there are no samples.
func (c Count) Ratio() float64 {
	if c.Among == 0 {
		return 0
	}
	return float64(c.Samples) / float64(c.Among)
}

// Of counts the share in a bundle. Profiles of single vertices count for the vertex that
// limits only; if it has one, profiles of processes in the same mode do not count.
func (s Share) Of(b evidence.Bundle) (c Count) {
	for _, p := range judged(b, s.Mode) {
		for _, stack := range tasksOf(p) {
			if len(s.Among) > 0 && !holdsAny(stack.frames, s.Among) {
				continue
			}
			c.Among += stack.samples
			if holdsAny(stack.frames, s.Frames) {
				c.Samples += stack.samples
			}
		}
	}
	return c
}

// judged are the profiles of a mode that are of the vertex that limits or, if there is none,
// of a process.
func judged(b evidence.Bundle, mode string) (processes []evidence.Profile) {
	var limiting []evidence.Profile
	for _, p := range b.Profiles {
		switch {
		case p.Mode != mode:
		case p.Vertex == "":
			processes = append(processes, p)
		case p.Vertex == b.Bottleneck:
			limiting = append(limiting, p)
		}
	}
	if len(limiting) > 0 {
		return limiting
	}
	return processes
}

// taskRoots are frames that only the thread of a task has. A profiler cuts off deep stacks,
// so the first of them may be missing.
var taskRoots = []string{
	"org.apache.flink.streaming.runtime.tasks.StreamTask.invoke",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
	"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
	"org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run",
}

func entersTask(frame string) bool {
	return strings.HasPrefix(frame, "org.apache.flink.runtime.taskmanager.Task.") || slices.Contains(taskRoots, frame)
}

// idle is the end of the stack of a task that waits for input.
const idle = "processMailsWhenDefaultActionUnavailable;" +
	"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take"

// Names of generated classes have numbers that differ from process to process.
var (
	lambda    = regexp.MustCompile(`\$\$Lambda[$.]?[0-9a-fx.$]*\.`)
	generated = regexp.MustCompile(`(Generated(?:Method|Constructor|SerializationConstructor)Accessor)\d+`)
)

// stack is a stack of a task thread at work, from where it enters the task.
type stack struct {
	frames  []string
	samples int64
}

// tasksOf returns the stacks of task threads at work.
func tasksOf(p evidence.Profile) (stacks []stack) {
	for all, samples := range p.Stacks {
		text := strings.ReplaceAll(strings.Join(all, ";"), "/", ".")
		if strings.Contains(text, idle) {
			continue
		}
		frames := strings.Split(plain(text), ";")
		at := slices.IndexFunc(frames, entersTask)
		if at >= 0 && !sleepingSource(frames) {
			stacks = append(stacks, stack{frames[at:], samples})
		}
	}
	return stacks
}

// plain removes the numbers of generated classes.
func plain(text string) string {
	if strings.Contains(text, "$$Lambda") {
		text = lambda.ReplaceAllString(text, "$$$$Lambda.")
	}
	if strings.Contains(text, "Accessor") {
		text = generated.ReplaceAllString(text, "$1")
	}
	return text
}

// sleepingSource reports whether a source of the old kind waits by itself, as it may.
func sleepingSource(frames []string) bool {
	return slices.Contains(frames, taskRoots[len(taskRoots)-1]) && slices.Contains(frames, "java.lang.Thread.sleep")
}

// holdsAny reports whether a stack holds a frame with one of the prefixes.
func holdsAny(frames, prefixes []string) bool {
	for _, prefix := range prefixes {
		all := true
		for part := range strings.SplitSeq(prefix, "&") {
			wanted, excluded := strings.CutPrefix(part, "!")
			all = all && holds(frames, wanted) != excluded
		}
		if all {
			return true
		}
	}
	return false
}

func holds(frames []string, prefix string) bool {
	for _, frame := range frames {
		if strings.HasPrefix(frame, prefix) {
			return true
		}
	}
	return false
}
