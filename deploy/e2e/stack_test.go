//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
)

// stack is the real Flink, Kafka, Elasticsearch, Prometheus and Alertmanager,
// run by the launcher of deploy/local.
type stack struct {
	dir           string
	FlinkURL      string   `json:"flink_url"`
	Reporters     []string `json:"flink_reporters"`
	KafkaBrokers  []string `json:"kafka_brokers"`
	Elasticsearch string   `json:"elasticsearch_url"`
	Prometheus    string   `json:"prometheus_url"`
	JobID         string   `json:"job_id"`
	// Archive is the directory of the job's files; empty if it writes none.
	Archive string `json:"-"`
	// Promtool is empty where the stack runs without Prometheus.
	Promtool string `json:"promtool"`
}

// startStack starts everything with the sample job and a background stream, and
// returns when all of it is ready.
func startStack(t *testing.T, options ...string) *stack {
	t.Helper()
	s := &stack{dir: t.TempDir()}
	// Not the test's context: background ends it, and waits until it has ended.
	cmd := exec.CommandContext(context.Background(), binary(t, "local"),
		append([]string{"up", "--dir=" + s.dir, "--job"}, options...)...)
	exited := background(t, cmd, "local up")
	eventually(t, 10*time.Minute, "the stack is ready", func() error {
		select {
		case <-exited:
			return fatal{errors.New("local up ended by itself: see its output above")}
		default:
			return s.read()
		}
	})
	return s
}

func (s *stack) read() error {
	raw, err := os.ReadFile(filepath.Join(s.dir, "stack.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, s); err != nil {
		return err
	}
	if s.JobID == "" {
		return errors.New("the job is not submitted yet")
	}
	return nil
}

// local runs a command of the launcher against the running stack.
func (s *stack) local(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary(t, "local"), append(args, "--dir="+s.dir)...).CombinedOutput()
	require.NoError(t, err, "local %v: %s", args, out)
	t.Logf("local %v", args)
}

// scrape has the stack's Prometheus scrape the sidecar at url.
func (s *stack) scrape(t *testing.T, url string) {
	t.Helper()
	target := fmt.Sprintf(`[{"targets": [%q], "labels": {"job": "flink-sidecar"}}]`,
		strings.TrimPrefix(url, "http://"))
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "prometheus", "targets", "sidecar.json"), []byte(target),
		0o600))
}

// addRule has the stack's Prometheus evaluate one more file of rules.
func (s *stack) addRule(t *testing.T, rules string) {
	t.Helper()
	dir := filepath.Join(s.dir, "prometheus", "rules")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "e2e.yml"), []byte(rules), 0o600))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Prometheus+"/-/reload", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// freeAddress is a loopback address that is free now.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := ports.Free(1)
	require.NoError(t, err)
	return ports.Loopback(free[0])
}

// background starts cmd with its output on the test's, and ends it with
// SIGTERM, later SIGKILL, when the test ends. The channel closes at its exit.
func background(t *testing.T, cmd *exec.Cmd, what string) <-chan struct{} {
	t.Helper()
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	require.NoError(t, cmd.Start(), what)
	exited := make(chan struct{})
	go func() {
		// The exit code is the test's to judge where it matters.
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(2 * time.Minute):
			t.Errorf("%s did not end within two minutes of SIGTERM", what)
			_ = cmd.Process.Kill()
			<-exited
		}
	})
	return exited
}

func binary(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", name))
	require.NoError(t, err)
	require.FileExists(t, path, "run make build first")
	return path
}

// fatal ends an eventually at once: waiting longer cannot help.
type fatal struct{ error }

// eventually waits until check returns nil, and fails with its last error.
func eventually(t *testing.T, within time.Duration, what string, check func() error) {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			t.Logf("%s (after %s)", what, time.Since(began).Round(100*time.Millisecond))
			return
		}
		if _, stop := errors.AsType[fatal](err); stop || time.Since(began) > within {
			require.NoError(t, err, "waited %s until %s", time.Since(began).Round(time.Second), what)
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			require.NoError(t, err, "stopped while waiting until %s", what)
		}
	}
}

func get(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
