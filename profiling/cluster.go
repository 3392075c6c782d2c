package profiling

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Cluster is one Flink cluster: what the last poll knows of it, and who profiles it.
type Cluster struct {
	Poll
	Profiler *Profiler
}

// Poll is what the last poll of a cluster knows.
type Poll interface {
	// Await waits until the first poll has ended. It fails if that poll found nothing.
	Await(ctx context.Context) error
	// State is all that is known now.
	State() snapshot.State
}

// Clusters finds a cluster by its name. An empty name is the only cluster.
type Clusters interface {
	Profiled(name string) (Cluster, error)
}

// Locks remembers, across restarts, which vertices are locked out and until when.
type Locks interface {
	PutLockedOut(map[string]time.Time) error
}
