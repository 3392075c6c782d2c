package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// Clusters are the collectors of several clusters, each with a name of its own.
// They poll independently: one that hangs holds up no other. As a
// prometheus.Collector they are one, because their series are of the same
// Families and differ in the label cluster.
type Clusters []*Collector

var _ prometheus.Collector = Clusters{}

// NewClusters returns the collectors as one. None of them may run yet.
func NewClusters(all ...*Collector) Clusters {
	for _, c := range all {
		// Of one name there is one family, however different the jobs of two clusters
		// may be that make it.
		c.index.User.Families = all[0].index.User.Families
	}
	return all
}

// Run runs all of them until ctx ends, and returns nil then.
func (cs Clusters) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range cs {
		group.Go(func() error { return c.Run(ctx) })
	}
	return group.Wait()
}

// Describe implements prometheus.Collector.
func (cs Clusters) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range cs {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (cs Clusters) Collect(ch chan<- prometheus.Metric) {
	for _, c := range cs {
		c.Collect(ch)
	}
}
