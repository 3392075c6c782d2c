package app

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// These tests wait for servers more than they compute, so more of them run at once than
// there are cores. With the race detector (make test: -short) they compute more.
func TestMain(m *testing.M) {
	if os.Getenv(childConfig) != "" {
		os.Exit(runChild())
	}
	flag.Parse()
	parallel := "8"
	if testing.Short() {
		parallel = "4"
	}
	if err := flag.Set("test.parallel", parallel); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// load reads a configuration of these lines, on free ports and in a directory of its own.
func load(t *testing.T, lines string) config.Config {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "sidecar.yml")
	text := "history: {path: history.db}\nweb: {listen_address: '127.0.0.1:0'}\n" + lines
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	cfg, err := config.Load(file, config.Overrides{HistoryPath: filepath.Join(dir, "history.db")})
	require.NoError(t, err)
	return cfg
}

// TestTheWholeSidecarRunsInATest starts every actor in this process and stops them.
func TestTheWholeSidecarRunsInATest(t *testing.T) {
	t.Parallel()
	cfg := load(t, "flink: {url: '"+flinktest.New(t, flinktest.Flink23).URL+"'}\n")
	a, err := New(t.Context(), cfg, Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	require.NoError(t, a.Await(ctx, ""))
	require.Eventually(t, func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+"/metrics", nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		page, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode == http.StatusOK &&
			strings.Contains(string(page), `flink_sidecar_check_ok{check="flink.connection"} 1`)
	}, 20*time.Second, 10*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	http.DefaultClient.CloseIdleConnections()
	require.NoFileExists(t, cfg.History.Path+".owner")
}

// TestAFailureLateInNewLeaksNothing has each of the late steps fail. What was opened
// before is closed: the history can be opened again, and goleak finds no goroutine.
func TestAFailureLateInNewLeaksNothing(t *testing.T) {
	t.Parallel()
	flink := "flink: {url: 'http://127.0.0.1:1'}\n"
	probe := "kafka: {brokers: ['127.0.0.1:1']}\nelasticsearch: {urls: ['http://127.0.0.1:1']}\n" +
		"sinks: [{name: search, elasticsearch: {index: orders, cleanup: keep}}]\n" +
		"probe: {job: orders, topic: orders, template: '{\"id\": \"{{.Seed}}\"}'}\n"
	missing := filepath.Join(t.TempDir(), "missing")
	for name, lines := range map[string]string{
		"the probe, by a wrong certificate": "kafka: {brokers: ['127.0.0.1:1'], tls: {ca_file: '" + missing +
			"'}}\nsinks: [{name: k, kafka: {topic: t}}]\nprobe: {job: orders, topic: orders, template: '{\"id\": " +
			"\"{{.Seed}}\"}'}\n",
		"the sender to Pyroscope": probe + "profiling: {pyroscope: {url: 'http://127.0.0.1:1', http: " +
			"{tls_config: {ca_file: '" + missing + "'}}}}\n",
		"Grafana, the last that can be wrong": probe + "grafana: {url: 'http://127.0.0.1:1', token_file: /t, " +
			"http: {tls_config: {ca_file: '" + missing + "'}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := load(t, flink+lines)
			for range 2 {
				_, err := New(t.Context(), cfg, Options{}, slog.New(slog.DiscardHandler))
				require.ErrorContains(t, err, missing)
			}
		})
	}
}
