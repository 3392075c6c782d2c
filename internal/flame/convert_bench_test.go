package flame

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkConvert converts pages to collapsed stacks: recorded pages of Flink, and
// generated pages of about 6.5 MB in both dialects.
func BenchmarkConvert(b *testing.B) {
	files, err := filepath.Glob("testdata/flink/*.html")
	require.NoError(b, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(b, err)
		b.Run(filepath.Base(file), func(b *testing.B) { benchmarkConvert(b, text) })
	}
	for name, frames := range map[string]int{"old": 92_000, "new": 250_000} {
		var text bytes.Buffer
		dialects[name](&text, random(frames, 1))
		b.Run(fmt.Sprintf("%s-%dKB", name, text.Len()/1000), func(b *testing.B) { benchmarkConvert(b, text.Bytes()) })
	}
}

func benchmarkConvert(b *testing.B, text []byte) {
	b.ReportAllocs()
	out := &countingWriter{}
	before := cpuTime(b)
	for b.Loop() {
		page, err := ReadPage(bytes.NewReader(text))
		require.NoError(b, err)
		require.NoError(b, page.Tree.WriteCollapsed(out))
	}
	perCPUSecond(b, before, int64(len(text)))
	b.ReportMetric(float64(out.bytes)/float64(b.N)/1e6, "MB-out")
}
