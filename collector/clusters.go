package collector

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// Clusters are the collectors of several clusters, each with a unique name. They poll
// independently: one that hangs does not delay the others. They register as one
// prometheus.Collector, because their series share the same families and differ in the
// label cluster.
type Clusters []*Collector

var _ prometheus.Collector = Clusters{}

// pollSpread is the part of an interval over which the polls of the clusters are spread. The rest is at least
// what lies between the first and the second poll of each: enough for Flink to have new values.
const pollSpread = 0.5

// NewClusters joins the collectors. None of them may run yet.
func NewClusters(all ...*Collector) Clusters {
	for i, c := range all {
		// All are read at the start. From then on each has a time of its own, because what they read
		// needs memory until it is on the page.
		c.earlier = time.Duration(pollSpread * float64(c.cfg.PollInterval) * float64(i) / float64(len(all)))
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
