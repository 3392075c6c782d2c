package redact

import (
	"compress/gzip"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkText masks 235 stack traces of 250 KB in all.
func BenchmarkText(b *testing.B) {
	text := traces(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Text(text)
	}
}

// traces returns stack traces of the JDK and of Flink, and stacks of recorded profiles.
func traces(t testing.TB) string {
	t.Helper()
	file, err := os.Open("testdata/traces.txt.gz")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	r, err := gzip.NewReader(file)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}
