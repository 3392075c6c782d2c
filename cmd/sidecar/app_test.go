package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// output is a writer that a test may read while the program writes.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// runningSidecar is `sidecar run` in this process, as a user would start it.
type runningSidecar struct {
	url     string
	stderr  *output
	history string
	// stop ends it and waits; a second call does nothing.
	stop func()
}

// startSidecar runs the command with args and stops it when the test ends; its exit code
// must then be 0.
func startSidecar(t *testing.T, args ...string) runningSidecar {
	t.Helper()
	return startSidecarOn(t, filepath.Join(t.TempDir(), "history.db"), args...)
}

// startSidecarOn does the same with a history that may exist already.
func startSidecarOn(t *testing.T, path string, args ...string) runningSidecar {
	t.Helper()
	sc := runningSidecar{stderr: &output{}, history: path}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	if !strings.Contains(strings.Join(args, " "), "--web.listen-address=") {
		args = append(args, "--web.listen-address=127.0.0.1:0")
	}
	args = append([]string{"run", "--history.path=" + sc.history}, args...)
	go func() { ended <- run(ctx, args, io.Discard, sc.stderr) }()
	sc.stop = sync.OnceFunc(func() {
		stop()
		require.Equal(t, exitFine, <-ended, sc.stderr)
		require.NoFileExists(t, sc.history+".owner")
	})
	t.Cleanup(sc.stop)
	require.Eventually(t, func() bool {
		owner, running, err := history.FindOwner(sc.history)
		require.NoError(t, err)
		sc.url = owner.URL
		return running
	}, 10*time.Second, 10*time.Millisecond, sc.stderr)
	return sc
}

func (sc runningSidecar) get(t *testing.T, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sc.url+path, nil)
	require.NoError(t, err)
	return answerOf(t, req)
}

func answerOf(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

// The promise of day one: an address is all that is needed.
func TestRunNeedsOnlyTheAddressOfFlink(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url="+flinktest.New(t, flinktest.Flink23).URL)

	require.Eventually(t, func() bool {
		_, page := sc.get(t, "/metrics")
		return strings.Contains(page, `flink_job_up{`)
	}, 10*time.Second, 20*time.Millisecond)
	_, page := sc.get(t, "/metrics")
	require.Contains(t, page, `flink_sidecar_up{target="flink"} 1`)
	require.NotContains(t, page, `target="kafka"`, "only configured targets")
	require.NotContains(t, page, "flink_sidecar_probe_", "no probe is configured")

	require.Contains(t, page, `promhttp_metric_handler_errors_total{cause="gathering"} 0`)
	problems, err := promlint.New(strings.NewReader(page)).Lint()
	require.NoError(t, err)
	for _, p := range problems {
		require.False(t, strings.HasPrefix(p.Metric, "flink_"), "%s: %s", p.Metric, p.Text)
	}

	var status api.Status
	_, body := sc.get(t, "/api/v1/status")
	require.NoError(t, json.Unmarshal([]byte(body), &status))
	require.Equal(t, "2.3.0", status.Cluster.FlinkVersion)
	require.Equal(t, flinktest.JobName, status.Jobs[0].Name)
	require.Equal(t, "RUNNING", status.Jobs[0].State)
	require.Len(t, status.Jobs[0].Vertices, 2)
	require.Equal(t, "kafka, sinks, probe", status.Hints[0].Configure)

	code, html := sc.get(t, "/")
	require.Equal(t, 200, code)
	require.Contains(t, html, flinktest.JobName)
	require.Contains(t, html, "kafka, sinks, probe")
}

func TestRunServesWhenNothingIsReachable(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "all.yml")
	reference, err := os.ReadFile("../../sidecar.yml")
	require.NoError(t, err)
	closed := closedPort(t)
	text := strings.NewReplacer("127.0.0.1:8081", closed, "127.0.0.1:9092", closed, "127.0.0.1:9200",
		closed).Replace(string(reference))
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	sc := startSidecar(t, "--config.file="+config)

	for _, target := range []string{"flink", "kafka", "elasticsearch"} {
		require.Eventually(t, func() bool {
			_, page := sc.get(t, "/metrics")
			return strings.Contains(page, `flink_sidecar_up{target="`+target+`"} 0`)
		}, 20*time.Second, 50*time.Millisecond, target)
	}
	var status api.Status
	_, body := sc.get(t, "/api/v1/status")
	require.NoError(t, json.Unmarshal([]byte(body), &status))
	for _, target := range status.Targets {
		require.Regexp(t, `\(.*(start|check|correct).*\)$`, target.Problems[0], "%s must say what to do", target.Name)
	}
}

// closedPort returns an address at which no process listens.
func closedPort(t *testing.T) string {
	t.Helper()
	free, err := ports.Free(1)
	require.NoError(t, err)
	return ports.Loopback(free[0])
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url="+flinktest.New(t, flinktest.Flink120).URL)
	for path, want := range map[string]struct {
		code int
		text string
	}{
		"/-/healthy":             {200, "the sidecar is healthy\n"},
		"/-/ready":               {200, "the sidecar is ready\n"},
		"/-/reload":              {405, "reload changes something (use POST)"},
		"/alertmanager/webhook":  {405, "the webhook takes POST only"},
		"/api/v1/episodes":       {200, `"episodes":[`},
		"/api/v1/probe/records":  {200, `{"records":[]}`},
		"/api/v1/openapi.yaml":   {200, "openapi: 3.1"},
		"/no/such/page":          {404, ""},
		"/api/v1/no-such-thing":  {404, `"error"`},
		"/api/v1/episodes/wrong": {400, `"error"`},
	} {
		code, body := sc.get(t, path)
		require.Equal(t, want.code, code, "%s: %s", path, body)
		require.Contains(t, body, want.text, path)
	}
}

func TestOldFlinkIsSaidOnceAndEverythingElseWorks(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink120)
	server.SetVersion("1.18.1")
	sc := startSidecar(t, "--flink.url="+server.URL)
	require.Eventually(t, func() bool {
		_, page := sc.get(t, "/metrics")
		return strings.Contains(page, `flink_job_up{`)
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, strings.Count(sc.stderr.String(), "has no profiler"))
	require.Contains(t, sc.stderr.String(), "upgrade to Flink 1.19 or later")
}

func TestTakenPortIsSaidBeforeAnythingIsTouched(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	path := filepath.Join(t.TempDir(), "history.db")
	var stderr output
	code := run(t.Context(), []string{
		"run", "--flink.url=http://127.0.0.1:1", "--history.path=" + path,
		"--web.listen-address=" + taken.Addr().String(),
	}, io.Discard, &stderr)
	require.Equal(t, exitFailed, code)
	require.Regexp(t, `^sidecar: listening on .*address already in use \(choose another address with --web.listen-address\)\n$`, stderr.String())
	require.NoFileExists(t, path)
}

// The page of the second one is at an address of its own, until the first one ends.
func TestSecondSidecarOnOneHistoryStandsBy(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	first := startSidecar(t, "--flink.url="+url)
	ctx, stop := context.WithCancel(t.Context())
	var stderr output
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{
			"run", "--flink.url=" + url, "--history.path=" + first.history, "--web.listen-address=127.0.0.1:0",
		}, io.Discard, &stderr)
	}()
	require.Eventually(t, func() bool { return strings.Contains(stderr.String(), "stands by") }, soon, 10*time.Millisecond)
	require.Contains(t, stderr.String(), first.history)
	first.stop()
	require.Eventually(t, func() bool {
		owner, running, err := history.FindOwner(first.history)
		return err == nil && running && owner.URL != first.url
	}, soon, 10*time.Millisecond, &stderr)
	stop()
	require.Equal(t, exitFine, <-ended, &stderr)
}
