package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestDoctorExitsWithOneIfTheMainJobCannotRun(t *testing.T) {
	t.Parallel()
	s := flinktest.New(t, flinktest.Flink23)
	args := []string{
		"doctor", "--flink.url=" + s.URL, "--history.path=" + filepath.Join(t.TempDir(), "h.db"), "--format=json",
	}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, &stdout, &stderr)
	var report struct {
		Works  bool
		Checks []struct{ Check, State, Says string }
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &report), stderr.String())
	require.Equal(t, report.Works, code == exitFine, "another sidecar may use the default port of this machine")
	require.Equal(t, "ok", report.Checks[0].State)

	s.Break(flinktest.Reset)
	stdout.Reset()
	require.Equal(t, exitFailed, run(t.Context(), args[:3], &stdout, &stderr))
	require.Contains(t, stdout.String(), "✗ flink.connection")
	require.Contains(t, stdout.String(), "broken (✗)")
	require.NotContains(t, stdout.String(), "sidecar init --flink.url", "init needs Flink")
	require.Contains(t, stdout.String(), "(sidecar init writes it, once Flink answers)")
	require.Empty(t, stderr.String(), "the table is the whole answer")
}

// TestAnInterruptedDoctor tells what it knows, and does not call broken what it did not wait for.
func TestAnInterruptedDoctor(t *testing.T) {
	t.Parallel()
	s := flinktest.New(t, flinktest.Flink23)
	ctx, stop := context.WithCancel(t.Context())
	s.Break(func(next http.Handler, closing <-chan struct{}) http.Handler {
		hangs := flinktest.Hang(next, closing)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stop() // it is interrupted while it waits
			hangs.ServeHTTP(w, r)
		})
	})
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitFailed, run(ctx, []string{
		"doctor", "--flink.url=" + s.URL, "--history.path=" + filepath.Join(t.TempDir(), "h.db"),
	}, &stdout, &stderr))
	require.Contains(t, stdout.String(), "? flink.connection")
	require.Contains(t, stdout.String(), "interrupted before an answer came (run sidecar doctor again)")
	require.NotContains(t, stdout.String(), "✗ flink")
}
