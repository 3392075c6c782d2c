package flame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Reasons why an answer about a vertex has no samples.
var (
	// ErrNoSamples means that Flink has not sampled the vertex yet. Flink starts to
	// sample with the first request.
	ErrNoSamples = errors.New("not sampled yet (ask again in a few seconds)")
	// ErrNotSampled means that the sampling of vertices is disabled in Flink.
	ErrNotSampled = errors.New("not sampled (set rest.flamegraph.enabled: true)")
	// ErrTerminated means that no subtask of the vertex runs any more.
	ErrTerminated = errors.New("not sampled: the vertex has terminated (ask about a running job)")
)

// Values that Flink answers in place of a time when there are no samples, see
// VertexFlameGraph in Flink's source. Any other value means that samples will follow.
const (
	terminated = -1
	disabled   = -2
)

// maxVertexDepth limits the recursion of the reader. A Java stack of Flink has about 70
// frames.
const maxVertexDepth = 2048

// separators separate frames and stacks in collapsed stacks. A name that contains one would
// be read again as two frames. Names of methods contain none.
const separators = ";\r\n"

// vertexFrame is a frame of Flink's own flame graph. Its value is its total.
type vertexFrame struct {
	Name     string        `json:"name"`
	Value    int64         `json:"value"`
	Children []vertexFrame `json:"children"`
}

// vertexAnswer is Flink's answer about a vertex.
type vertexAnswer struct {
	EndTimestamp int64        `json:"endTimestamp"`
	Data         *vertexFrame `json:"data"`
}

// BothTypes joins two answers about one sampling of a vertex: of type ON_CPU, which has the
// running threads, and of OFF_CPU, which has those that wait. [ReadVertex] reads the result.
func BothTypes(onCPU, offCPU []byte) ([]byte, error) {
	both, err := json.Marshal(map[string]json.RawMessage{"on_cpu": onCPU, "off_cpu": offCPU})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return both, nil
}

// ReadVertex reads Flink's own flame graph of a vertex, the answer of
// /jobs/:jobid/vertices/:vertexid/flamegraph or what [BothTypes] made of two. It returns the
// thread samples, and the time of the last sample. The names lose their line numbers, so that
// a method is one frame. Of two answers it is known which threads waited: where none of the
// calls that wait shows, the thread waited to enter a monitor, and [Monitor] is below it.
func ReadVertex(r io.Reader) (tree *Tree, taken time.Time, err error) {
	var answer struct {
		vertexAnswer

		OnCPU  *vertexAnswer `json:"on_cpu"`
		OffCPU *vertexAnswer `json:"off_cpu"`
	}
	limited := &io.LimitedReader{R: r, N: defaultLimits.bytes + 1}
	if err := json.NewDecoder(limited).Decode(&answer); err != nil {
		if limited.N == 0 {
			return nil, time.Time{}, ErrTooLarge
		}
		return nil, time.Time{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	tree = New()
	if answer.OnCPU == nil || answer.OffCPU == nil {
		taken, err = tree.addAnswer(answer.vertexAnswer, nil)
		return orNone(tree, taken, err)
	}
	if taken, err = tree.addAnswer(*answer.OnCPU, nil); err != nil {
		return nil, time.Time{}, err
	}
	_, err = tree.addAnswer(*answer.OffCPU, monitorBelow)
	return orNone(tree, taken, err)
}

func orNone(tree *Tree, taken time.Time, err error) (*Tree, time.Time, error) {
	if err != nil {
		return nil, time.Time{}, err
	}
	return tree, taken, nil
}

// addAnswer adds the samples of an answer and returns their time. below changes each stack
// first, if it is given.
func (t *Tree) addAnswer(answer vertexAnswer, below func([]string) []string) (time.Time, error) {
	if answer.Data == nil {
		return time.Time{}, withoutSamples(answer.EndTimestamp)
	}
	if answer.Data.Value > mostSamples {
		return time.Time{}, ErrTooLarge
	}
	if err := t.addVertex(nil, *answer.Data, below); err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(answer.EndTimestamp), nil
}

// Monitor is the frame of a thread that waits to enter a synchronized method or block. Flink
// does not show the state of a thread, and such a thread makes no call while it waits.
const Monitor = "[waits for a monitor]"

// waitingCalls end the stacks of threads that wait for something else than a monitor.
var waitingCalls = []string{
	"Unsafe.park", "Object.wait", "Object.wait0", "Thread.sleep", "Thread.sleep0", "Thread.sleepNanos0",
}

// monitorBelow appends Monitor to a stack that ends in no call that waits.
func monitorBelow(stack []string) []string {
	if len(stack) == 0 || slices.ContainsFunc(waitingCalls, func(call string) bool {
		return strings.HasSuffix(stack[len(stack)-1], call)
	}) {
		return stack
	}
	return append(stack, Monitor)
}

func withoutSamples(endTimestamp int64) error {
	switch endTimestamp {
	case disabled:
		return ErrNotSampled
	case terminated:
		return ErrTerminated
	}
	return ErrNoSamples
}

// addVertex adds the samples of a frame and of all frames below it. stack is the stack of
// the frame; it is empty for the root, which is not a frame.
func (t *Tree) addVertex(stack []string, frame vertexFrame, below func([]string) []string) error {
	self := frame.Value
	if len(stack) > maxVertexDepth {
		return ErrTooLarge
	}
	for _, child := range frame.Children {
		if child.Value < 0 || child.Value > self {
			return fmt.Errorf("%w: frame %q has more samples than its parent has left", ErrMalformed, child.Name)
		}
		self -= child.Value
		name := withoutLine(child.Name)
		if name == "" || strings.ContainsAny(name, separators) {
			return fmt.Errorf("%w: a frame is not a method", ErrMalformed)
		}
		if err := t.addVertex(append(stack, name), child, below); err != nil {
			return err
		}
	}
	if self <= 0 {
		return nil
	}
	if below != nil {
		stack = below(stack)
	}
	t.Add(stack, self)
	return nil
}

// withoutLine removes the line number, which is -1 if it is unknown.
func withoutLine(name string) string {
	method, _, found := strings.Cut(name, ":")
	if !found {
		return name
	}
	return method
}
