package export

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// generated creates a tree whose collapsed stacks have about 50 MB. It is as deep and as
// wide as a profile, and some names have numbers that differ in each run.
func generated(seed uint64) *flame.Tree {
	classes := strings.Fields(`Source Operator Serializer Sink Window Accessor Mailbox Buffer`)
	rng := rand.New(rand.NewPCG(seed, 0))
	shape := rand.New(rand.NewPCG(1, 0)) // two profiles share most of their stacks
	tree := flame.New()
	var stack []string
	for bytesMade := 0; bytesMade < 50_000_000; {
		pick := shape
		if rng.IntN(10) == 0 {
			pick = rng
		}
		stack = stack[:max(0, len(stack)-int(pick.ExpFloat64()*4))]
		for range 1 + pick.IntN(12) {
			if len(stack) < 60 {
				name := fmt.Sprintf("org/example/package%d/%s$%d.method%d", pick.IntN(9),
					classes[pick.IntN(len(classes))], pick.IntN(30), pick.IntN(9))
				if pick.IntN(20) == 0 {
					name = fmt.Sprintf("org/example/Job$$Lambda$%d.0x%08x.apply", 100*seed, seed)
				}
				stack = append(stack, name)
			}
		}
		tree.Add(stack, int64(1+rng.IntN(3)))
		for _, frame := range stack {
			bytesMade += len(frame) + 1
		}
	}
	return tree
}

// BenchmarkDiff aligns two profiles and writes them side by side. It also merges the same
// profiles with pprof, as pprof's -diff_base does. ratio is the processor time of pprof's
// merge divided by the processor time of the alignment.
func BenchmarkDiff(b *testing.B) {
	base, next := generated(1), generated(2)
	pprofs := []*profile.Profile{asPprof(b, base), asPprof(b, next)}
	pprofs[0].Scale(-1)
	var lay, write, merge time.Duration
	for b.Loop() {
		began := cpuTime(b)
		pair := flame.Align(base, next, flame.Normal)
		laid := cpuTime(b)
		out := &bytes.Buffer{}
		out.Grow(80 << 20)
		require.NoError(b, pair.WriteCollapsed(out))
		written := cpuTime(b)
		_, err := profile.Merge(pprofs)
		require.NoError(b, err)
		lay, write, merge = lay+laid-began, write+written-laid, merge+cpuTime(b)-written
	}
	b.ReportMetric(lay.Seconds()*1000/float64(b.N), "lay-cpu-ms")
	b.ReportMetric(write.Seconds()*1000/float64(b.N), "write-cpu-ms")
	b.ReportMetric(merge.Seconds()*1000/float64(b.N), "merge-cpu-ms")
	b.ReportMetric(merge.Seconds()/lay.Seconds(), "ratio")
}

// BenchmarkCompare adds the verdicts.
func BenchmarkCompare(b *testing.B) {
	pair := flame.Align(generated(1), generated(2), flame.Normal)
	for b.Loop() {
		_, err := pair.Compare(func(string) string { return "" })
		require.NoError(b, err)
	}
}

func asPprof(b *testing.B, tree *flame.Tree) *profile.Profile {
	b.Helper()
	var text bytes.Buffer
	require.NoError(b, WritePprof(&text, tree, flame.CPU))
	parsed, err := profile.Parse(&text)
	require.NoError(b, err)
	return parsed
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
