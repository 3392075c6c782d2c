package elasticsearch_test

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

const address = "localhost:19200"

func TestConformance(t *testing.T) { sinktest.Run(t, newFixture) }

func newFixture(t *testing.T) sinktest.Fixture {
	network := synthetictest.NewNetwork()
	server := elasticsearchtest.NewServer("orders")
	serve(t, network, server)
	probe := synthetic.DefaultConfig()
	cfg := elasticsearch.DefaultConfig()
	cfg.URLs = []string{"http://" + address}
	var written atomic.Int64
	return sinktest.Fixture{
		Spec: func() synthetic.SinkSpec {
			c, err := elasticsearch.NewCluster(elasticsearch.Options{Config: &cfg, Probe: &probe, Dial: network.Dial})
			require.NoError(t, err)
			return c.Sink("search", elasticsearch.SinkConfig{Index: "orders", SeedField: "seed", Cleanup: "delete"})
		},
		Write: func(seed string) {
			server.Put(strconv.FormatInt(written.Add(1), 10), map[string]any{"seed": seed})
		},
		Cut: func() { network.Cut(address) }, Mend: func() { network.Mend(address) },
		Remove: func() { server.Set(func(s *elasticsearchtest.Server) { s.Index = "gone" }) },
		Create: func() { server.Set(func(s *elasticsearchtest.Server) { s.Index = "orders" }) },
		Error:  time.Duration(probe.PollInterval)/2 + time.Millisecond,
	}
}

func serve(t *testing.T, network *synthetictest.Network, handler http.Handler) {
	t.Helper()
	listener, err := network.Listen("tcp", address)
	require.NoError(t, err)
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when the test closes it
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}
