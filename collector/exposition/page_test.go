package exposition

import (
	"fmt"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

func TestPageIsBounded(t *testing.T) {
	p := NewPage("lab", Limits{Series: 50})
	f := New(Limits{Series: 50_000, User: 5_000})
	for i := range 50 + 7 {
		p.Add(f.process.taskManager.threads, 1, fmt.Sprint(i))
	}
	require.Equal(t, 50, p.Len())
	require.Equal(t, map[string]int{metricnames.TooMany: 7}, p.Dropped)
}

// Labels are most of a page's memory, so series with the same labels share them.
func TestSeriesShareTheirLabels(t *testing.T) {
	busy := metricnames.Gauge("busy", "Flink: busy.", "job", "vertex")
	records := metricnames.Counter("records_total", "Flink: records.", "job", "vertex")
	other := metricnames.Gauge("size", "Flink: size.", "job", "process")
	p := NewPage("c", Limits{Series: 10, User: 10})
	p.Add(busy, 1, "orders", "source")
	p.Add(records, 2, "orders", "source")
	p.Add(busy, 3, "orders", "sink")
	p.Add(other, 4, "orders", "source") // the same values under other names
	require.Equal(t, 4, p.complete().Len())
	labels := make([][]*dto.LabelPair, 4)
	i := 0
	for m := range p.Metrics(nil) {
		var out dto.Metric
		require.NoError(t, m.Write(&out))
		labels[i] = out.GetLabel()
		i++
	}
	require.Same(t, labels[0][0], labels[1][0])
	require.NotSame(t, labels[0][0], labels[2][0])
	require.Equal(t, "process", labels[3][2].GetName())
	require.Equal(t, "vertex", labels[2][2].GetName())
}
