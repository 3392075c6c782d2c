package snapshot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestExchangedBytesAreKnownIfEveryVertexReportsThem(t *testing.T) {
	a, b := 1e3, 2e3
	job := snapshot.Job{Vertices: []snapshot.Vertex{{BytesOut: &a}, {BytesOut: &b}}}
	require.InDelta(t, 3e3, *job.ExchangedBytes(), 0)
	job.Vertices[1].BytesOut = nil
	require.Nil(t, job.ExchangedBytes())
	require.Nil(t, snapshot.Job{}.ExchangedBytes())
}

func TestCPUTimeIsKnownForOneJobOnly(t *testing.T) {
	a, b := 1.5, 2.0
	state := snapshot.State{
		Cluster:      snapshot.Cluster{Running: 1},
		TaskManagers: []snapshot.TaskManager{{CPUSeconds: &a, GCSeconds: &b}, {CPUSeconds: &b, GCSeconds: &b}},
	}
	require.InDelta(t, 4, *state.GCSeconds(), 0)
	require.InDelta(t, 3.5, *state.CPUSeconds(), 0)
	state.TaskManagers[1].CPUSeconds = nil
	require.Nil(t, state.CPUSeconds())
	state.TaskManagers[1].CPUSeconds = &b
	state.Cluster.Running = 2
	require.Nil(t, state.CPUSeconds())
	require.Nil(t, snapshot.State{Cluster: snapshot.Cluster{Running: 1}}.CPUSeconds())
}
