package profiling

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// Cluster is one Flink cluster: the result of its last poll, and its profiler.
type Cluster struct {
	Poll
	Profiler *profiler.Profiler
}

// Poll is the result of the last poll of a cluster.
type Poll interface {
	// Await waits until the first poll has ended. It fails if that poll found nothing.
	Await(ctx context.Context) error
	// State returns all that is known now.
	State() snapshot.State
}

// Clusters finds a cluster by its name. An empty name means the only cluster.
type Clusters interface {
	Profiled(name string) (Cluster, error)
}

// Locks stores, across restarts, which vertices are locked out and until when.
type Locks interface {
	PutLockedOut(map[string]time.Time) error
}
