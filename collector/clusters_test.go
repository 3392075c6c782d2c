package collector

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// named returns a lab whose cluster has a name of its own.
func named(t *testing.T, name, version string) *lab {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.Cluster = name
	return configuredLab(t, version, cfg)
}

// together gathers what the collectors of two clusters and their clients show
// beside each other.
func together(t *testing.T, labs ...*lab) map[string]*dto.MetricFamily {
	t.Helper()
	var all []*Collector
	registry := prometheus.NewRegistry()
	for _, l := range labs {
		all = append(all, l.Collector)
		registry.MustRegister(l.client)
	}
	registry.MustRegister(NewClusters(all...))
	gathered, err := registry.Gather()
	require.NoError(t, err)
	families := map[string]*dto.MetricFamily{}
	for _, f := range gathered {
		families[f.GetName()] = f
	}
	return families
}

// byCluster is the sum of the series of a family by the label cluster.
func byCluster(f *dto.MetricFamily) map[string]float64 {
	sums := map[string]float64{}
	for _, m := range f.GetMetric() {
		for _, label := range m.GetLabel() {
			if label.GetName() == "cluster" {
				sums[label.GetValue()] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return sums
}

func TestClustersBesideEachOther(t *testing.T) {
	eu, us := named(t, "eu", flinktest.Flink23), named(t, "us", flinktest.Flink120)
	require.Nil(t, together(t, eu, us)["flink_cluster_up"], "there was no poll yet")

	eu.first()
	require.Equal(t, map[string]float64{"eu": 1}, byCluster(together(t, eu, us)["flink_cluster_up"]))

	us.first()
	families := together(t, eu, us)
	require.Equal(t, map[string]float64{"eu": 1, "us": 1}, byCluster(families["flink_cluster_up"]))
	require.Equal(t, map[string]float64{"eu": 1, "us": 1}, byCluster(families["flink_job_up"]), "one name, two jobs")
	require.Equal(t, map[string]float64{"eu": 1, "us": 1}, byCluster(families["flink_sidecar_collector_polls_total"]))
	require.Len(t, byCluster(families["flink_sidecar_flink_requests_total"]), 2)

	us.Break(flinktest.Status(500))
	us.pass(time.Minute)
	require.Error(t, us.Poll(t.Context()))
	eu.next()
	families = together(t, eu, us)
	require.Equal(t, map[string]float64{"eu": 1, "us": 0}, byCluster(families["flink_cluster_up"]))
	require.Equal(t, map[string]float64{"eu": 1}, byCluster(families["flink_job_up"]),
		"what was known of the other is withdrawn")
	require.Len(t, eu.Jobs(), 1)
	require.Equal(t, flink.JobRunning, eu.Jobs()[0].State)
	require.Empty(t, us.Jobs()[0].State, "unknown, and not gone")
}

func TestAClusterThatHangsHoldsUpNoOther(t *testing.T) {
	eu, us := named(t, "eu", flinktest.Flink23), named(t, "us", flinktest.Flink23)
	us.Break(flinktest.Hang)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	polled := make(chan struct{}, 1)
	eu.OnPoll = func() { polled <- struct{}{} }
	go func() { ended <- NewClusters(us.Collector, eu.Collector).Run(ctx) }()
	<-polled
	up, _ := eu.Up()
	require.True(t, up)
	require.Nil(t, us.asked())
	stop()
	require.NoError(t, <-ended)
}

// TestThirtyTwoClusters has the most clusters of one sidecar, of which every fourth
// hangs: the others are shown quickly.
func TestThirtyTwoClusters(t *testing.T) {
	var all []*Collector
	polled := make(chan string, 1000)
	for i := range 32 {
		l := named(t, fmt.Sprintf("c%02d", i), flinktest.Flink23)
		if i%4 == 3 {
			l.Break(flinktest.Hang)
		}
		l.OnPoll = func() { polled <- l.client.Cluster() }
		all = append(all, l.Collector)
	}
	clusters := NewClusters(all...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- clusters.Run(ctx) }()
	seen := map[string]struct{}{}
	for len(seen) < 24 {
		seen[<-polled] = struct{}{}
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(clusters)
	began := time.Now()
	families, err := registry.Gather()
	require.Less(t, time.Since(began), quickly)
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "flink_job_up" {
			require.Len(t, f.GetMetric(), 24)
		}
	}
	stop()
	require.NoError(t, <-ended)
}

// Different rules in two clusters may make the same name. One family cannot have two
// types: the first one decides.
func TestClustersShareTheFamiliesOfUserMetrics(t *testing.T) {
	eu, us := named(t, "eu", flinktest.Flink23), named(t, "us", flinktest.Flink23)
	rules := []metricnames.UserMetric{
		{Match: `map\.counted`, Name: "seen_total", Type: metricnames.TypeCounter},
		{Match: `map\.level`, Name: "seen_total", Help: "Another."},
	}
	eu.asks(rules...)
	us.asks(rules...)
	eu.SetMetric(eu.Vertices[1], "map.counted", 1, 2, 3, 4)
	us.SetMetric(us.Vertices[1], "map.level", 5, 5, 5, 5)
	clusters := NewClusters(eu.Collector, us.Collector)
	require.Len(t, clusters, 2)
	for range 2 {
		eu.next()
		us.next()
	}
	require.Equal(t, map[string]float64{"eu": 10}, byCluster(together(t, eu, us)["flink_user_seen_total"]))
}

// The trends gather their signals alone, which are few of the series of a page.
func TestSelection(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	registry := prometheus.NewRegistry()
	registry.MustRegister(l.Only(func(name string) bool { return name == "flink_job_up" || name == "flink_vertex_busy_ratio" }))
	names := func() (names []string) {
		gathered, err := registry.Gather()
		require.NoError(t, err)
		for _, f := range gathered {
			names = append(names, f.GetName())
		}
		return names
	}
	require.Equal(t, []string{"flink_job_up", "flink_vertex_busy_ratio"}, names())

	l.pass(time.Hour)
	require.Empty(t, names(), "what is too old for the page is too old for a trend")
}
