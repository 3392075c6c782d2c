package flame

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// AddThreads adds a thread dump, the answer of Flink's
// /taskmanagers/:taskmanagerid/thread-dump: one sample for every thread that runs
// Java code, except the thread that takes the dump. Frames get the names that
// async-profiler gives them, so that both kinds of profiles can be compared. cut counts
// the added threads whose root frames are missing, because Flink writes at most
// cluster.thread-dump.stacktrace-max-depth frames (default 50). The error wraps
// ErrMalformed or ErrTooLarge; after an error nothing was added.
func (t *Tree) AddThreads(dump []byte) (added, cut int64, err error) {
	var answer struct {
		Threads *[]struct {
			Text string `json:"stringifiedThreadInfo"`
		} `json:"threadInfos"`
	}
	if err := json.Unmarshal(dump, &answer); err != nil {
		return 0, 0, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if answer.Threads == nil {
		return 0, 0, fmt.Errorf("%w: not a thread dump", ErrMalformed)
	}
	var stacks [][]string
	for _, thread := range *answer.Threads {
		stack, whole, err := threadStack(thread.Text)
		if err != nil {
			return 0, 0, err
		}
		if len(stack) == 0 || stack[len(stack)-1] == dumping {
			continue
		}
		stacks = append(stacks, stack)
		if !whole {
			cut++
		}
	}
	for _, stack := range stacks {
		t.Add(stack, 1)
	}
	return int64(len(stacks)), cut, nil
}

// dumping is on top of the stack of the thread that takes the dump.
const dumping = "sun/management/ThreadImpl.dumpThreads0"

// Prefixes of the lines of a thread's stack, see stringifyThreadInfo in Flink's
// ThreadDumpInfo. Lines about monitors may stand between the frames.
const (
	frameLine = "\tat "
	moreLine  = "\t..."
)

// threadStack reads the stack of one thread. The text has the top frame first, the result
// the root first. whole is false if the dump does not contain all frames.
func threadStack(text string) (stack []string, whole bool, err error) {
	whole = true
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, moreLine) {
			whole = false
		}
		frame, is := strings.CutPrefix(line, frameLine)
		if !is {
			continue
		}
		name, ok := threadFrame(frame)
		switch {
		case !ok:
			return nil, false, fmt.Errorf("%w: a frame of a thread is not a method", ErrMalformed)
		case len(stack) == defaultLimits.depth:
			return nil, false, ErrTooLarge
		}
		stack = append(stack, name)
	}
	slices.Reverse(stack)
	return stack, whole, nil
}

// threadFrame turns a StackTraceElement's text, as
// app//org.apache.flink.runtime.taskmanager.Task.run(Task.java:575), into the name
// org/apache/flink/runtime/taskmanager/Task.run.
func threadFrame(text string) (name string, ok bool) {
	method, _, _ := strings.Cut(text, "(")
	method = withoutModule(method)
	dot := strings.LastIndexByte(method, '.')
	if dot <= 0 || dot == len(method)-1 || strings.ContainsAny(method, separators) {
		return "", false
	}
	return strings.ReplaceAll(method[:dot], ".", "/") + method[dot:], true
}

// withoutModule removes the class loader and the module. A slash also stands before the
// number of a hidden class (Task$$Lambda$986/0x00007ff7de670648). No name begins with a
// digit, so such a slash is kept.
func withoutModule(method string) string {
	for {
		_, rest, found := strings.Cut(method, "/")
		if !found || rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return method
		}
		method = rest
	}
}
