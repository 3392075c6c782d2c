package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// Clusters are the collectors of several clusters, each with a unique name. They poll
// independently: one that hangs does not delay the others. They register as one
// prometheus.Collector, because their series share the same families and differ in the
// label cluster.
type Clusters []*Collector

var _ prometheus.Collector = Clusters{}

// NewClusters joins the collectors. None of them may run yet.
func NewClusters(all ...*Collector) Clusters {
	for _, c := range all {
		// A name has one family, even if the jobs of several clusters create it.
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
