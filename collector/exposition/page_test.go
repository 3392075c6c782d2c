package exposition

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

func TestPageIsBounded(t *testing.T) {
	p := NewPage("lab", Limits{Series: 50})
	f := New(Limits{Series: 50_000, User: 5_000})
	for i := range 50 + 7 {
		p.Add(f.process.taskManager.threads, 1, fmt.Sprint(i))
	}
	require.Len(t, p.Metrics, 50)
	require.Equal(t, map[string]int{metricnames.TooMany: 7}, p.Dropped)
}
