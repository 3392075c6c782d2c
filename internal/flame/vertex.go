package flame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// ReadVertex reads Flink's own flame graph of a vertex, the answer of
// /jobs/:jobid/vertices/:vertexid/flamegraph. It returns the thread samples of all
// subtasks, and the time of the last sample. The names lose their line numbers, so that a
// method is one frame.
func ReadVertex(r io.Reader) (tree *Tree, taken time.Time, err error) {
	var answer struct {
		EndTimestamp int64        `json:"endTimestamp"`
		Data         *vertexFrame `json:"data"`
	}
	limited := &io.LimitedReader{R: r, N: defaultLimits.bytes + 1}
	if err := json.NewDecoder(limited).Decode(&answer); err != nil {
		if limited.N == 0 {
			return nil, time.Time{}, ErrTooLarge
		}
		return nil, time.Time{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if answer.Data == nil {
		return nil, time.Time{}, withoutSamples(answer.EndTimestamp)
	}
	if answer.Data.Value > mostSamples {
		return nil, time.Time{}, ErrTooLarge
	}
	tree = New()
	if err := tree.addVertex(nil, *answer.Data); err != nil {
		return nil, time.Time{}, err
	}
	return tree, time.UnixMilli(answer.EndTimestamp), nil
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
func (t *Tree) addVertex(stack []string, frame vertexFrame) error {
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
		if err := t.addVertex(append(stack, name), child); err != nil {
			return err
		}
	}
	if self > 0 {
		t.Add(stack, self)
	}
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
