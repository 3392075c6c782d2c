package profiling

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// TestNoModeIsTakenTwice denies perf events, for which ITIMER replaces CPU, in each order
// of the modes.
func TestNoModeIsTakenTwice(t *testing.T) {
	const path = "/taskmanagers/tm1/profiler"
	for _, c := range []struct {
		modes []flame.Mode
		want  int
	}{
		{[]flame.Mode{flame.CPU}, 2},
		{[]flame.Mode{flame.CPU, flame.ITIMER}, 2},
		{[]flame.Mode{flame.ITIMER, flame.CPU}, 2},
		{[]flame.Mode{flame.CPU, flame.Alloc}, 3},
	} {
		s, now, server, _ := newService(t, 12, c.modes...)
		server.Answer(path, http.StatusOK, `{"status": "FAILED", "message": "No access to perf events."}`)
		cluster, err := s.clusters.Profiled("eu")
		require.NoError(t, err)
		one := session{Service: s, cluster: cluster, target: episode.Target{
			Cluster: "eu", Job: now.state.Jobs[0].Name, Process: "tm1",
		}}
		require.NoError(t, one.takeModes(t.Context()))
		require.Equal(t, c.want, server.Requests()[path], c.modes)
		require.Len(t, one.failures, c.want)
	}
}
