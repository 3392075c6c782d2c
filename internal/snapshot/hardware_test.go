package snapshot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestHardwareIsThatOfEverySize: a further TaskManager of a known size changes nothing.
func TestHardwareIsThatOfEverySize(t *testing.T) {
	small := snapshot.TaskManager{Hardware: snapshot.Hardware{Cores: 2, Memory: 4 << 30, Heap: 1 << 30, Managed: 512 << 20}}
	large := snapshot.TaskManager{Hardware: snapshot.Hardware{Cores: 8, Memory: 16 << 30, Heap: 4 << 30, Managed: 1 << 30}}
	hardware := func(of ...snapshot.TaskManager) []string { return snapshot.State{TaskManagers: of}.Hardware() }
	require.Equal(t, []string{"2 cores, 4096 MiB memory, 1024 MiB heap, 512 MiB managed"}, hardware(small, small))
	require.Equal(t, hardware(small, large), hardware(large, small, large))
	require.Len(t, hardware(small, large), 2)
	require.Nil(t, hardware(small, snapshot.TaskManager{}), "the size of one is unknown")
	require.Nil(t, hardware())
}
