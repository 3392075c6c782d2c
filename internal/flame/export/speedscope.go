package export

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// speedscopeSchema is the schema address that the format requires.
const speedscopeSchema = "https://www.speedscope.app/file-format-schema.json"

// WriteSpeedscope writes the tree as a file for speedscope with one profile of the type
// "sampled": one entry per stack, with its samples as the weight. The unit is "none", except
// for profiles taken with --total. The error is the error of w.
func WriteSpeedscope(w io.Writer, tree *flame.Tree, mode flame.Mode, name string) error {
	s := newSpeedscope(tree)
	head, err := json.Marshal(map[string]any{
		"exporter": "flink-sidecar", "name": name, "activeProfileIndex": 0, "$schema": speedscopeSchema,
	})
	if err != nil {
		return err
	}
	frames, err := json.Marshal(s.frames)
	if err != nil {
		return err
	}
	// The stacks are written one by one: as values for json.Marshal they would need many
	// times the memory of the tree.
	out := bufio.NewWriterSize(w, 64<<10)
	for _, text := range []string{
		string(head[:len(head)-1]), `,"shared":{"frames":`, string(frames),
		`},"profiles":[{"type":"sampled","unit":"`, speedscopeUnit(tree), `","startValue":0,"name":"`, string(mode),
		`","endValue":`, strconv.FormatInt(tree.Total(), 10), `,"samples":`,
	} {
		_, _ = out.WriteString(text)
	}
	writeArray(out, len(s.weights), func(i int) { s.writeStack(out, i) })
	_, _ = out.WriteString(`,"weights":`)
	writeArray(out, len(s.weights), func(i int) { _, _ = out.WriteString(strconv.FormatInt(s.weights[i], 10)) })
	_, _ = out.WriteString("}]}\n")
	return out.Flush()
}

type speedscopeFrame struct {
	Name string `json:"name"`
}

// speedscope holds the stacks in one array, as indices of frames.
type speedscope struct {
	frames  []speedscopeFrame
	stacks  []int32
	ends    []int // by stack: its end in stacks
	weights []int64
}

func newSpeedscope(tree *flame.Tree) *speedscope {
	s := &speedscope{frames: []speedscopeFrame{}}
	ids := map[string]int32{}
	for stack, samples := range tree.Stacks() {
		if len(stack) == 0 {
			stack = []string{noStack}
		}
		for _, frame := range stack {
			id, known := ids[frame]
			if !known {
				id = int32(len(s.frames))
				ids[frame] = id
				s.frames = append(s.frames, speedscopeFrame{frame})
			}
			s.stacks = append(s.stacks, id)
		}
		s.ends, s.weights = append(s.ends, len(s.stacks)), append(s.weights, samples)
	}
	return s
}

func (s *speedscope) writeStack(out *bufio.Writer, i int) {
	begin := 0
	if i > 0 {
		begin = s.ends[i-1]
	}
	stack := s.stacks[begin:s.ends[i]]
	writeArray(out, len(stack), func(i int) { _, _ = out.WriteString(strconv.Itoa(int(stack[i]))) })
}

func writeArray(out *bufio.Writer, n int, write func(i int)) {
	_ = out.WriteByte('[')
	for i := range n {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		write(i)
	}
	_ = out.WriteByte(']')
}

// speedscopeUnit returns speedscope's name for the unit of a tree.
func speedscopeUnit(tree *flame.Tree) string {
	switch tree.Unit() {
	case "bytes":
		return "bytes"
	case "ns":
		return "nanoseconds"
	}
	return "none"
}
