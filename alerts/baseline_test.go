package alerts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
)

// TestBaselineCountsTimeAndNotSamples: three days a quarter of an hour apart come from Prometheus, and
// then two hours of polls.
func TestBaselineCountsTimeAndNotSamples(t *testing.T) {
	b := &baseline{}
	for at := time.Duration(0); at < 72*time.Hour; at += 15 * time.Minute {
		b.add("e", series.Sample{T: began.Add(at), V: 1000})
	}
	for at := 72 * time.Hour; at < 74*time.Hour; at += 5 * time.Second {
		b.add("e", series.Sample{T: began.Add(at), V: 100})
	}
	slow := 0
	for _, v := range b.values {
		if v < 500 {
			slow++
		}
	}
	require.LessOrEqual(t, len(b.values), maxBaseline)
	require.InDelta(t, 2.0/74, float64(slow)/float64(len(b.values)), 0.02)
}
