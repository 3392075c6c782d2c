package measure

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestThroughputIsUnknownRatherThanWrong(t *testing.T) {
	t.Parallel()
	reading := func(id string, uptime, records float64) snapshot.Job {
		return snapshot.Job{ID: id, Read: &snapshot.Reading{Uptime: uptime, SourceRecords: records}}
	}
	for name, c := range map[string]struct {
		before, now snapshot.Job
		want        float64 // below 0: unknown
	}{
		"a minute apart":        {reading("a", 100, 5000), reading("a", 160, 11000), 100}, // 6,000 in 60 s
		"idle is a known zero":  {reading("a", 100, 5000), reading("a", 160, 5000), 0},
		"another run":           {reading("a", 100, 5000), reading("b", 160, 11000), -1},
		"restarted":             {reading("a", 100, 5000), reading("a", 5, 50), -1},
		"counters started anew": {reading("a", 100, 5000), reading("a", 160, 50), -1},
		"no newer reading":      {reading("a", 100, 5000), reading("a", 100, 5000), -1},
		"first look":            {snapshot.Job{}, reading("a", 100, 5000), -1},
		"nothing read yet":      {reading("a", 100, 5000), snapshot.Job{ID: "a"}, -1},
	} {
		got := throughput(c.before, c.now)
		if c.want < 0 {
			require.Nil(t, got, name)
			continue
		}
		require.NotNil(t, got, name)
		require.InDelta(t, c.want, *got, 1e-9, name)
	}
}

// TestThePageAboutGrafanaHasTheTimes of a measurement after a change.
func TestThePageAboutGrafanaHasTheTimes(t *testing.T) {
	documenttest.Says(t, "../../docs/grafana.md", "About four minutes later it also says how much")
	require.Equal(t, 4*time.Minute, settles+measuredFor)
}
