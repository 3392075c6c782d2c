package main

import (
	"bytes"
	"encoding/json"
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
	require.Empty(t, stderr.String(), "the table is the whole answer")
}
