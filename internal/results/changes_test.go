package results

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// TestChangesAreExported: the metrics follow each write, and have only what is known.
func TestChangesAreExported(t *testing.T) {
	store := historytest.Open(t)
	c := NewChanges(store, slog.New(slog.DiscardHandler))
	c.read()
	require.Zero(t, testutil.CollectAndCount(c))

	_, err := api.Import(c, api.ImportRequest{
		Run: "july", Job: "orders", Format: "csv", Paired: true,
		Text: "label,deployment,iteration,throughput\nbase,1,1,100\nbase,2,1,110\nbase,3,1,121\n" +
			"change,1,1,121\nchange,2,1,130\nchange,3,1,150\n",
	}, time.Now())
	require.NoError(t, err)
	// Two throughputs; improvement, two bounds and the detectable change of one.
	require.Equal(t, 6, testutil.CollectAndCount(c))
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_change_throughput_records_per_second Throughput of a label of the newest run of scale tests: the geometric mean over its deployments.
# TYPE flink_sidecar_change_throughput_records_per_second gauge
flink_sidecar_change_throughput_records_per_second{cluster="",job="orders",label="base",run="july",shape=""} 110
flink_sidecar_change_throughput_records_per_second{cluster="",job="orders",label="change",run="july",shape=""} 133.129201525
`), "flink_sidecar_change_throughput_records_per_second"))

	_, err = api.Import(c, api.ImportRequest{Job: "j", Format: "csv", Text: "label,throughput\na,1\n"},
		time.Now().Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, 1, testutil.CollectAndCount(c), "the newest run only")
}
