package alerts

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestALeakIsForeseen replays the heaps of a job that leaks, as a real Flink reported them. The alert
// comes at least four minutes before the heap is as full as the rule allows.
func TestALeakIsForeseen(t *testing.T) {
	began := time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)
	for _, name := range []string{"tm-1", "tm-2"} {
		trends := NewTrends(configured(t, "settle: 0s\nhorizon: 20m\nfor: 1m\nshipped_rules: named\n"+
			"rules: [{name: heap-after-gc, window: 12m}]"), discard())
		var fired time.Time
		heap := leakingHeap(t, name)
		for at, used := range heap {
			now, most := began.Add(time.Duration(at)*10*time.Second), 384.0*(1<<20)
			trends.Observe(signal.Observation{
				Signal: "heap-used", Labels: snapshot.Labels{Cluster: "c", Process: name}, ProcessID: name + "/0",
				Sample: series.Sample{T: now, V: used}, Max: &most,
			})
			if alerts := trends.Tick(now); len(alerts) > 0 && fired.IsZero() {
				fired = now
				require.Contains(t, alerts[0].Summary, "heap after garbage collection on "+name+" will pass 346 MiB in")
			}
		}
		require.False(t, fired.IsZero(), name)
		end := began.Add(time.Duration(len(heap)) * 10 * time.Second)
		require.Greater(t, end.Sub(fired), 4*time.Minute, name)
	}
}

// leakingHeap is the used heap of a TaskManager each ten seconds, in bytes.
func leakingHeap(t *testing.T, name string) (used []float64) {
	t.Helper()
	file, err := os.Open("testdata/leak.csv")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	column := map[string]int{rows[0][1]: 1, rows[0][2]: 2}[name]
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[column], 64)
		require.NoError(t, err)
		used = append(used, v)
	}
	return used
}
