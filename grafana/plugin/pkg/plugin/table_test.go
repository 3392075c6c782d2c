package plugin

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
)

// noticesOf are the texts of a frame's notices.
func noticesOf(f *data.Frame) (all []string) {
	if f.Meta == nil {
		return nil
	}
	for _, n := range f.Meta.Notices {
		all = append(all, n.Text)
	}
	return all
}

// TestTableWithoutARun: whoever has measured nothing yet sees an empty table that says how to begin, and
// no error. A sidecar that does not know the path is one.
func TestTableWithoutARun(t *testing.T) {
	w := newWorld(t)
	for of, filters := range map[string]map[string]any{
		"":           nil,
		" of orders": {"job": "orders"}, " of prod / orders": {"job": "orders", "cluster": "prod"},
		" of a, b": {"jobs": []string{"a", "b"}},
	} {
		answer := w.ask(t, "table", filters)
		require.NoError(t, answer.Error)
		require.Len(t, answer.Frames, 1)
		require.Zero(t, answer.Frames[0].Rows())
		require.Len(t, answer.Frames[0].Fields, 14)
		require.Equal(t, []string{"There is no run with a baseline" + of + ": measure one with sidecar scaletest --baseline, " +
			"or read one with sidecar history import."}, noticesOf(answer.Frames[0]))
	}
	w.before = answers(404, `{"error":"there is no such path (see openapi.yaml)"}`)
	require.ErrorContains(t, w.ask(t, "table", nil).Error, "no such path")
}

// TestTableOfEachJob: several jobs have a frame each, and one without a run is named.
func TestTableOfEachJob(t *testing.T) {
	w := newWorld(t)
	for i, job := range []string{"orders", "payments"} {
		_, err := routes.Import(w.store, api.ImportRequest{
			Run: "july", Job: job, Format: "csv", Text: "label,throughput\nbase of " + job + ",100\nnew,120\n",
		}, start.Add(time.Duration(i)*time.Hour))
		require.NoError(t, err)
	}
	for _, run := range []string{"", "july"} {
		answer := w.ask(t, "table", map[string]any{"jobs": []string{"orders", "refunds", "payments"}, "run": run})
		require.NoError(t, answer.Error)
		require.Len(t, answer.Frames, 2)
		for i, job := range []string{"orders", "payments"} {
			require.Equal(t, job, answer.Frames[i].Name)
			require.Equal(t, []string{"base of " + job, "new"}, texts(t, answer.Frames[i], "change"))
		}
		notices := noticesOf(answer.Frames[0])
		require.Contains(t, notices[len(notices)-1], " of refunds: ")
	}
}
