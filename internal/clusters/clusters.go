// Package clusters are the Flink clusters of the configuration, and the jobs on them: which job an
// alert is about, whatever labels it has.
package clusters

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// Cluster is one Flink cluster: its client, its collector and its profiler.
type Cluster struct {
	*collector.Collector

	Flink    *flink.Client
	Profiler *profiler.Profiler
}

// looked reports whether the jobs of the cluster are known, even from long ago.
func (c *Cluster) looked() bool {
	_, known := c.Cluster()
	return known || len(c.Jobs()) > 0
}

// Clusters are those of the configuration, in its order. A job is found here by the name
// of its cluster and its own: two clusters may each have a job of the same name.
type Clusters []*Cluster

// Of returns the cluster with a name. An empty name means the only cluster, as in
// episodes from before there could be several.
func (cs Clusters) Of(name string) (*Cluster, error) {
	for _, c := range cs {
		if c.Name() == name || name == "" && len(cs) == 1 {
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no cluster %q (name one of: %s)", name, cs)
}

// Look returns a cluster once its first poll has ended.
func (cs Clusters) Look(ctx context.Context, name string) (collect.Cluster, error) {
	c, err := cs.Of(name)
	if err != nil {
		return collect.Cluster{}, err
	}
	if err := c.Await(ctx); err != nil {
		return collect.Cluster{}, err
	}
	return collect.Cluster{State: c.State(), Flink: c.Flink}, nil
}

// Profiled implements profiling.Clusters.
func (cs Clusters) Profiled(name string) (profiling.Cluster, error) {
	c, err := cs.Of(name)
	if err != nil {
		return profiling.Cluster{}, err
	}
	return profiling.Cluster{Poll: c, Profiler: c.Profiler}, nil
}

// Job returns a job; ok is false if its cluster is unknown or has not listed it.
func (cs Clusters) Job(of episode.JobRef) (job snapshot.Job, ok bool) {
	c, err := cs.Of(of.Cluster)
	if err != nil {
		return snapshot.Job{}, false
	}
	return c.Job(of.Job)
}

// Await waits until the first poll of a cluster has ended, or of all if name is empty. It
// fails for all only if every poll failed: one known cluster is enough to continue.
func (cs Clusters) Await(ctx context.Context, name string) error {
	if name != "" || len(cs) == 1 {
		c, err := cs.Of(name)
		if err != nil {
			return err
		}
		return c.Await(ctx)
	}
	var faults []error
	for _, c := range cs {
		if err := c.Await(ctx); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", c.Name(), err))
		}
	}
	if len(faults) < len(cs) {
		return nil
	}
	return errors.Join(faults...)
}

// Collectors are the collectors of all clusters, as one actor and one source of metrics.
func (cs Clusters) Collectors() collector.Clusters {
	var all []*collector.Collector
	for _, c := range cs {
		all = append(all, c.Collector)
	}
	return collector.NewClusters(all...)
}

// String lists the names.
func (cs Clusters) String() string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = c.Name()
	}
	return strings.Join(names, ", ")
}
