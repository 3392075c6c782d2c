package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// cluster is one Flink cluster: its client, its collector and its profiler.
type cluster struct {
	*collector.Collector

	flink    *flink.Client
	profiler *profiler.Profiler
}

// looked reports whether the jobs of the cluster are known, even from long ago.
func (c *cluster) looked() bool {
	_, known := c.Cluster()
	return known || len(c.Jobs()) > 0
}

// clusters are those of the configuration, in its order. A job is found here by the name
// of its cluster and its own: two clusters may each have a job of the same name.
type clusters []*cluster

// of returns the cluster with a name. An empty name means the only cluster, as in
// episodes from before there could be several.
func (cs clusters) of(name string) (*cluster, error) {
	for _, c := range cs {
		if c.Name() == name || name == "" && len(cs) == 1 {
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no cluster %q (name one of: %s)", name, cs)
}

// look returns a cluster once its first poll has ended.
func (cs clusters) look(ctx context.Context, name string) (collect.Cluster, error) {
	c, err := cs.of(name)
	if err != nil {
		return collect.Cluster{}, err
	}
	if err := c.Await(ctx); err != nil {
		return collect.Cluster{}, err
	}
	return collect.Cluster{State: c.State(), Flink: c.flink}, nil
}

// Profiled implements profiling.Clusters.
func (cs clusters) Profiled(name string) (profiling.Cluster, error) {
	c, err := cs.of(name)
	if err != nil {
		return profiling.Cluster{}, err
	}
	return profiling.Cluster{Poll: c, Profiler: c.profiler}, nil
}

// job returns a job; ok is false if its cluster is unknown or has not listed it.
func (cs clusters) job(of episode.JobRef) (job snapshot.Job, ok bool) {
	c, err := cs.of(of.Cluster)
	if err != nil {
		return snapshot.Job{}, false
	}
	return c.Job(of.Job)
}

// await waits until the first poll of a cluster has ended, or of all if name is empty. It
// fails for all only if every poll failed: one known cluster is enough to continue.
func (cs clusters) await(ctx context.Context, name string) error {
	if name != "" || len(cs) == 1 {
		c, err := cs.of(name)
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

// collectors are the collectors of all clusters, as one actor and one source of metrics.
func (cs clusters) collectors() collector.Clusters {
	var all []*collector.Collector
	for _, c := range cs {
		all = append(all, c.Collector)
	}
	return collector.NewClusters(all...)
}

// String lists the names.
func (cs clusters) String() string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = c.Name()
	}
	return strings.Join(names, ", ")
}

// openClusters opens a client and a collector for each cluster. It sends no request yet.
func (a *App) openClusters() error {
	metrics := profiler.NewMetrics()
	a.registry.MustRegister(metrics)
	for _, cfg := range a.cfg.Flink.All() {
		client, err := flink.New(cfg)
		if err != nil {
			return err
		}
		a.closers.add("flink "+client.Cluster(), func() error { client.CloseIdleConnections(); return nil })
		c := collector.New(a.cfg.Collector, client, a.log)
		if a.store != nil { // a sidecar that stands by has none
			c.Recall = epochs.Recall(a.store, client.Cluster(), a.log)
		}
		a.clusters = append(a.clusters, &cluster{
			Collector: c, flink: client,
			profiler: profiler.New(client, a.pages, metrics, a.log.With("cluster", client.Cluster())),
		})
		a.registry.MustRegister(client)
	}
	a.registry.MustRegister(a.clusters.collectors())
	return nil
}
