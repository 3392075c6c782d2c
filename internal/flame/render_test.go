package flame

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// random creates a tree of about n frames that is similar to a profile: deep, with names
// that share long prefixes.
func random(n int, seed uint64) *Tree {
	classes := strings.Fields(`Source Operator Serializer Sink Window Accessor It's Back\slash`)
	rng := rand.New(rand.NewPCG(seed, 0))
	made := New()
	var stack []string
	for len(made.nodes) < n {
		keep := len(stack) - int(rng.ExpFloat64()*4)
		stack = stack[:max(0, keep)]
		for range 1 + rng.IntN(12) {
			if len(stack) < 60 {
				stack = append(stack, fmt.Sprintf("org/example/package%d/%s$%d.method%d", rng.IntN(9),
					classes[rng.IntN(len(classes))], rng.IntN(30), rng.IntN(9)))
			}
		}
		made.Add(stack, int64(1+rng.IntN(3)))
	}
	return made
}

// render writes a tree as a page, frame by frame, like async-profiler.
func (t *Tree) render(w io.Writer, head string, frame func(at int32, level int, left, width int64)) {
	below, sums := t.children(), t.sums()
	var under func(at int32, level int, left int64)
	under = func(at int32, level int, left int64) {
		frame(at, level, left, sums[at])
		left += t.self[at]
		kids := slices.Clone(below.of(at))
		slices.SortFunc(kids, func(a, b int32) int {
			return strings.Compare(t.names[t.nodes[a].name],
				t.names[t.nodes[b].name])
		})
		for _, kid := range kids {
			under(kid, level+1, left)
			left += sums[kid]
		}
	}
	fmt.Fprint(w, head)
	under(root, 0, 0)
	fmt.Fprint(w, oldFoot)
}

// renderOld writes the dialect up to 2.9.
func renderOld(w io.Writer, t *Tree) {
	t.render(w, oldHead, func(at int32, level int, left, width int64) {
		name := "all"
		if at != root {
			name = t.names[t.nodes[at].name]
		}
		fmt.Fprintf(w, "f(%d,%d,%d,%d,'%s')\n", level, left, width, at%7, strings.ReplaceAll(name, `'`, `\'`))
	})
}

// renderNew writes the dialect from 3.0 on.
func renderNew(w io.Writer, t *Tree) {
	order := slices.Sorted(slices.Values(t.names))
	index := map[string]int{}
	head := strings.Builder{}
	head.WriteString(newHead + "'all'")
	before := ""
	for i, name := range order {
		shared := 0
		for shared < min(len(before), len(name), 95) && before[shared] == name[shared] {
			shared++
		}
		entry := string(rune(' '+shared)) + name[shared:]
		head.WriteString(",\n'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(entry) + "'")
		index[name], before = i+1, name
	}
	head.WriteString("\n];\nunpack(cpool);\n\n")
	var last struct {
		level       int
		left, width int64
	}
	t.render(w, head.String(), func(at int32, level int, left, width int64) {
		key := 3
		if at != root {
			key = index[t.names[t.nodes[at].name]]<<3 | int(at%7)
		}
		switch {
		case level == last.level+1 && left == last.left:
			fmt.Fprintf(w, "u(%d", key)
		case level == last.level && left == last.left+last.width:
			fmt.Fprintf(w, "n(%d", key)
		default:
			fmt.Fprintf(w, "f(%d,%d,%d", key, level, left-last.left)
		}
		if width != last.width || at%5 == 0 {
			fmt.Fprintf(w, ",%d", width)
			if at%5 == 0 {
				fmt.Fprintf(w, ",%d,0,0", width/2)
			}
		}
		fmt.Fprint(w, ")\n")
		last.level, last.left, last.width = level, left, width
	})
}

var dialects = map[string]func(io.Writer, *Tree){"old": renderOld, "new": renderNew}

func TestRandomTreesComeBack(t *testing.T) {
	for name, render := range dialects {
		for seed := range uint64(20) {
			made := random(1000, seed)
			var text bytes.Buffer
			render(&text, made)
			page, err := ReadPage(&text)
			require.NoError(t, err)
			require.Equal(t, collapse(t, made), collapse(t, page.Tree), "%s dialect, seed %d", name, seed)
			require.Equal(t, made.Frames(), page.Tree.Frames())
		}
	}
}

func BenchmarkReadPage(b *testing.B) {
	for name, render := range dialects {
		for _, frames := range []int{2_000, 400_000} {
			var text bytes.Buffer
			render(&text, random(frames, 1))
			b.Run(fmt.Sprintf("%s-%dKiB", name, text.Len()>>10), func(b *testing.B) {
				b.ReportAllocs()
				before := cpuTime(b)
				for b.Loop() {
					_, err := ReadPage(bytes.NewReader(text.Bytes()))
					require.NoError(b, err)
				}
				perCPUSecond(b, before, int64(text.Len()))
			})
		}
	}
}

func BenchmarkWriteCollapsed(b *testing.B) {
	made := random(400_000, 1)
	var size int64
	before := cpuTime(b)
	for b.Loop() {
		counter := &countingWriter{}
		require.NoError(b, made.WriteCollapsed(counter))
		size = counter.bytes
	}
	perCPUSecond(b, before, size)
}

// perCPUSecond reports megabytes per second of processor time. Unlike wall clock time, it
// does not depend on other load of the machine.
func perCPUSecond(b *testing.B, before time.Duration, bytes int64) {
	b.ReportMetric(float64(bytes)*float64(b.N)/1e6/(cpuTime(b)-before).Seconds(), "MB/cpu-s")
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

type countingWriter struct{ bytes int64 }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	return len(p), nil
}

func BenchmarkFrames(b *testing.B) {
	made := random(400_000, 1)
	for b.Loop() {
		made.Frames()
	}
}
