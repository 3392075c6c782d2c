package app

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// silent is a server that takes connections and says nothing. asked counts those on which
// somebody spoke.
type silent struct {
	address string
	asked   atomic.Int32
}

func newSilent(t *testing.T) *silent {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	s := &silent{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.listen(conn)
		}
	}()
	return s
}

// listen ends when the other side does.
func (s *silent) listen(conn net.Conn) {
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return
	}
	s.asked.Add(1)
	_, _ = io.Copy(io.Discard, conn) // however it ends
}

// TestTerminatedWhileAServerIsSilent sends SIGTERM to a real process that waits for an answer which
// never comes: of a connection, of a request, and of the checks that run beside the work.
func TestTerminatedWhileAServerIsSilent(t *testing.T) {
	t.Parallel()
	probe := fmt.Sprintf("probe: {job: %q, topic: orders, interval: 1s, template: '{\"id\": \"{{.Seed}}\"}'}\n", flinktest.JobName)
	for name, lines := range map[string]string{
		"Kafka": "kafka: {brokers: [SILENT]}\nsinks: [{name: out, kafka: {topic: enriched}}]\n" + probe,
		"Elasticsearch": "kafka: {brokers: ['127.0.0.1:1']}\nelasticsearch: {urls: ['http://SILENT']}\n" +
			"sinks: [{name: out, elasticsearch: {index: orders, cleanup: keep}}]\n" + probe,
		"Prometheus":   "alerts: {prometheus: {url: 'http://SILENT'}}\n",
		"Alertmanager": "notify: {alertmanager: {urls: ['http://SILENT']}}\n",
		"Grafana":      "grafana: {url: 'http://SILENT', token_file: token}\n",
		"the LLM":      "advisor: {provider: openai, openai: {base_url: 'http://SILENT/v1', model: m}}\nprofiling: {duration: 1s}\n",
		"Pyroscope":    "profiling: {duration: 1s, pyroscope: {url: 'http://SILENT'}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSilent(t)
			s := newStand(t, strings.ReplaceAll(lines, "SILENT", server.address))
			s.start()
			deliver(t, "Lag", s.member)
			s.until(name+" is asked", func() bool { return server.asked.Load() > 0 })
			status, _ := s.ask(t, http.MethodGet, "/metrics", nil)
			require.Equal(t, http.StatusOK, status, "a silent server does not delay the metrics")
			s.terminate(t)
			s.start()
			s.only("the episode is there", func(ep episode.Episode) bool { return ep.ID != "" })
			s.terminate(t)
		})
	}
}
