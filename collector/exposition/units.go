package exposition

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// seconds is a time in seconds of Unix time.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / metricnames.MillisPerSecond }

// Bool is 1 for true and 0 for false.
func Bool(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// known is a count of which 0 means that it is unknown.
func known(n int) *float64 {
	if n <= 0 {
		return nil
	}
	value := float64(n)
	return &value
}
