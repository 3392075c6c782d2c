package collector

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// benchSeries is the approximate number of series on the scraped page.
const benchSeries = 10_000

// BenchmarkPage scrapes a page of ten thousand series and, as its peer, the
// same families, labels and values as vectors of the library, registered. Both
// are gathered and encoded by the library. One scrape is one operation.
func BenchmarkPage(b *testing.B) {
	ours := bigCluster(b)
	vectors := vectorsOf(b, ours)
	for _, side := range []struct {
		name     string
		registry *prometheus.Registry
	}{{"vectors", vectors}, {"ours", ours}} {
		b.Run(side.name, func(b *testing.B) {
			handler := promhttp.HandlerFor(side.registry, promhttp.HandlerOpts{DisableCompression: true})
			request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", http.NoBody)
			w := &sink{header: http.Header{}}
			began := cpu(b)
			b.ReportAllocs()
			for b.Loop() {
				w.bytes = 0
				handler.ServeHTTP(w, request)
			}
			used := cpu(b) - began
			b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(w.bytes), "bytes/page")
			b.ReportMetric(float64(count(b, side.registry)), "series/page")
		})
	}
}

// sink is a response that is dropped.
type sink struct {
	header http.Header
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(p []byte) (int, error) {
	s.bytes += len(p)
	return len(p), nil
}

// bigCluster polls a cluster with so many vertices that the page has the wanted
// number of series.
func bigCluster(b *testing.B) *prometheus.Registry {
	b.Helper()
	server := flinktest.New(b, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "lab"
	client, err := flink.New(cfg)
	require.NoError(b, err)
	b.Cleanup(client.CloseIdleConnections)
	c := New(DefaultConfig(), client, slog.New(slog.DiscardHandler))
	c.Settle = 0
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	require.NoError(b, c.Poll(b.Context()))
	small := count(b, registry)
	server.AddVertex(fmt.Sprintf("%032x", 0), "step 0")
	for range 2 { // names are listed at one poll and asked for at the next
		require.NoError(b, c.Poll(b.Context()))
	}
	each := count(b, registry) - small
	for i := 1; i <= (benchSeries-small)/each; i++ {
		server.AddVertex(fmt.Sprintf("%032x", i), fmt.Sprintf("step %d", i))
	}
	for range 2 {
		require.NoError(b, c.Poll(b.Context()))
	}
	require.InEpsilon(b, benchSeries, count(b, registry), 0.2)
	return registry
}

// vectorsOf registers every gauge and counter that a registry has as a vector.
func vectorsOf(b *testing.B, from *prometheus.Registry) *prometheus.Registry {
	b.Helper()
	families, err := from.Gather()
	require.NoError(b, err)
	registry := prometheus.NewRegistry()
	for _, family := range families {
		var names []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			names = append(names, label.GetName())
		}
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vector)
		for _, metric := range family.GetMetric() {
			var values []string
			for _, label := range metric.GetLabel() {
				values = append(values, label.GetValue())
			}
			vector.WithLabelValues(values...).Set(valueOf(metric))
		}
	}
	return registry
}

func valueOf(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
}

func count(b *testing.B, registry *prometheus.Registry) (series int) {
	b.Helper()
	families, err := registry.Gather()
	require.NoError(b, err)
	for _, family := range families {
		series += len(family.GetMetric())
	}
	return series
}

// cpu is the CPU time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
