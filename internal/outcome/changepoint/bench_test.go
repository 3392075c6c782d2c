package changepoint_test

import (
	"testing"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint/changepointtest"
)

// BenchmarkDetect looks at the whole corpus, 600 series.
func BenchmarkDetect(b *testing.B) {
	corpus := changepointtest.Corpus(100, 1)
	for b.Loop() {
		for _, series := range corpus {
			changepoint.Detect(series.Values, changepoint.DefaultSettings())
		}
	}
}
