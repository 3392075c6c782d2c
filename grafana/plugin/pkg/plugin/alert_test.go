package plugin

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// askForAlert sends a query as an alert rule does.
func (w *world) askForAlert(t *testing.T, kind string) data.Frames {
	t.Helper()
	answer, err := w.plugin.Client.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: w.context, Headers: map[string]string{"FromAlert": "true"},
		Queries: []backend.DataQuery{{RefID: "A", QueryType: kind, JSON: []byte(`{}`), TimeRange: allTime}},
	})
	require.NoError(t, err)
	require.NoError(t, answer.Responses["A"].Error)
	return answer.Responses["A"].Frames
}

// TestAlerts: Grafana judges series of one time and one number, or a table of one number and labels.
func TestAlerts(t *testing.T) {
	w := filled(t)
	for _, kind := range []string{"measurements", "hops"} {
		frames := w.askForAlert(t, kind)
		require.NotEmpty(t, frames)
		seen := map[string]bool{}
		for _, f := range frames {
			require.Equal(t, data.TimeSeriesTypeWide, f.TimeSeriesSchema().Type, f.Name)
			require.Len(t, f.Fields, 2)
			require.Equal(t, data.FrameTypeTimeSeriesMulti, f.Meta.Type)
			one := f.Name + f.Fields[1].Labels.String()
			require.False(t, seen[one], "two series are the same alert: %s", one)
			seen[one] = true
		}
	}

	w.status.Trends = []api.Trend{
		{Rule: "heap", Job: "orders", Process: "tm-1", State: "firing", Firing: true},
		{Rule: "heap", Job: "orders", Process: "tm-2", State: "steady"},
		{Rule: "lag", Job: "orders", State: "unknown"},
	}
	frames := w.askForAlert(t, "trends")
	require.Len(t, frames, 1)
	require.Equal(t, data.FrameTypeNumericLong, frames[0].Meta.Type)
	numbers := 0
	for _, f := range frames[0].Fields {
		if f.Type().Numeric() {
			numbers++
			continue
		}
		require.Equal(t, data.FieldTypeString, f.Type(), "a label: %s", f.Name)
	}
	require.Equal(t, 1, numbers)
	fires := frames[0].Fields[0]
	require.InDelta(t, 1, *fires.At(0).(*float64), 0)
	require.InDelta(t, 0, *fires.At(1).(*float64), 0)
	require.Nil(t, fires.At(2), "unknown is not zero")
	require.Greater(t, len(w.ask(t, "trends", nil).Frames[0].Fields), 10, "people see all")
}
