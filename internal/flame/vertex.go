package flame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Why an answer about a vertex has no samples.
var (
	// ErrNoSamples means that Flink has not sampled the vertex yet. The first
	// question about it makes it begin.
	ErrNoSamples = errors.New("not sampled yet (ask again in a few seconds)")
	// ErrNotSampled means that Flink does not sample vertices at all.
	ErrNotSampled = errors.New("not sampled (set rest.flamegraph.enabled: true)")
	// ErrTerminated means that no subtask of the vertex runs any more.
	ErrTerminated = errors.New("not sampled: the vertex has terminated (ask about a running job)")
)

// What Flink answers in place of a time when there are no samples, see
// VertexFlameGraph in Flink's source. Everything else is a graph that is waited for.
const (
	terminated = -1
	disabled   = -2
)

// maxVertexDepth is far above a Java stack of Flink (some 70 frames) and as deep
// as is read recursively.
const maxVertexDepth = 2048

// separators part frames and stacks where they are written down. No method has them
// in its name, and one that had would be read back as two.
const separators = ";\r\n"

// vertexFrame is a frame of Flink's own flame graph. Its value is its total.
type vertexFrame struct {
	Name     string        `json:"name"`
	Value    int64         `json:"value"`
	Children []vertexFrame `json:"children"`
}

// ReadVertex reads Flink's own flame graph of a vertex, which it answers from
// /jobs/:jobid/vertices/:vertexid/flamegraph: thread samples of all subtasks, and
// when the last of them was taken. The names lose their line numbers, so that a
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

// addVertex adds what is below a frame whose stack is given. The root is no frame.
func (t *Tree) addVertex(stack []string, frame vertexFrame) error {
	self := frame.Value
	if len(stack) > maxVertexDepth {
		return ErrTooLarge
	}
	for _, child := range frame.Children {
		if child.Value < 0 || child.Value > self {
			return fmt.Errorf("%w: frame %q has more samples than are left of its parent's", ErrMalformed, child.Name)
		}
		self -= child.Value
		name := withoutLine(child.Name)
		if name == "" || strings.ContainsAny(name, separators) {
			return fmt.Errorf("%w: a frame that is no method", ErrMalformed)
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

// withoutLine cuts the line number, -1 where there is none.
func withoutLine(name string) string {
	method, _, found := strings.Cut(name, ":")
	if !found {
		return name
	}
	return method
}
