package stack

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// script makes a program that is the test's own binary, pretending.
func script(t *testing.T, path, as string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	text := "#!/bin/sh\nif [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.1\"'; exit; fi\n" +
		pretending + "=" + as + " exec " + os.Args[0] + " \"$@\"\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
}

// pretenders opens a stack on a machine whose every program is pretended. There is no
// apt-get, so the monitoring comes from PATH. shut closes the stack, once.
func pretenders(t *testing.T) (s *Stack, events *diary, shut func() error) {
	t.Helper()
	home := t.TempDir()
	for name, as := range map[string]string{
		"java": "java", "javac": "java", "mvn": "mvn",
		"prometheus": "prometheus", "alertmanager": "prometheus",
	} {
		script(t, filepath.Join(home, "bin", name), as)
	}
	t.Setenv("PATH", filepath.Join(home, "bin"))
	source := filepath.Join(home, "deploy", "local")
	for _, project := range []string{
		"runtime/flink", "runtime/flink-prometheus", "runtime/kafka", "reporter",
		"elasticsearch", "job",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(source, project), 0o700))
	}
	events = &diary{}
	s, err := Open(t.Context(), Options{
		Dir: filepath.Join(home, "data"), Source: source, Cache: filepath.Join(home, "cache"),
		Job: true, Load: 50, LookupDelay: lookup.DefaultDelay, Report: events.report,
	}, prerequisites.Machine{Getenv: os.Getenv})
	require.NoError(t, err)
	shut = sync.OnceValue(func() error { return s.Close(context.Background()) })
	t.Cleanup(func() { require.NoError(t, shut()); http.DefaultClient.CloseIdleConnections() })
	return s, events, shut
}

func TestTheLifeOfAStack(t *testing.T) {
	s, events, shut := pretenders(t)
	require.NoError(t, s.Up(t.Context()), "%s", events)
	for _, status := range s.Services() {
		require.Equal(t, supervisor.Ready, status.State, status.Name)
	}
	state, err := ReadState(s.Layout().Dir)
	require.NoError(t, err)
	require.Equal(t, s.State(), state)
	require.Equal(t, "j1", state.JobID)
	require.NotEmpty(t, state.PrometheusURL)
	require.NotEmpty(t, state.AlertmanagerURL)
	require.Eventually(t, func() bool { _, counts := s.Load(); return counts.Acknowledged > 0 }, soon,
		time.Millisecond)

	client, err := NewClient(s.Layout().Dir)
	require.NoError(t, err)
	killed, err := client.Kill(t.Context(), "taskmanager-1", "KILL")
	require.NoError(t, err)
	require.Equal(t, supervisor.Stopped, killed.State)
	started, err := client.Start(t.Context(), "taskmanager-1")
	require.NoError(t, err)
	require.Equal(t, supervisor.Ready, started.State, "the new process has registered")
	for _, name := range []string{"kafka", "elasticsearch", "lookup"} {
		_, err = client.Kill(t.Context(), name, "TERM")
		require.NoError(t, err)
		again, err := client.Start(t.Context(), name)
		require.NoError(t, err)
		require.NotZero(t, again.Port)
	}

	require.NoError(t, shut())
	for _, service := range state.Services {
		if service.PID != os.Getpid() {
			require.ErrorIs(t, syscall.Kill(service.PID, 0), syscall.ESRCH, service.Name)
		}
	}
	require.NoFileExists(t, s.layout.In("stack.json"))
	left, err := os.ReadDir(s.layout.In("run"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A start that fails says which service and where to look, and what had been started is
// stopped by Close.
func TestAStackThatCannotStart(t *testing.T) {
	s, _, shut := pretenders(t)
	blocked := s.layout.In("elasticsearch", "config")
	require.NoError(t, os.MkdirAll(filepath.Dir(blocked), 0o700))
	require.NoError(t, os.WriteFile(blocked, nil, 0o600)) // a file where a directory must be
	require.EqualError(t, s.Up(t.Context()), "mkdir "+blocked+": not a directory\nmkdir "+blocked+": not a directory")
	require.NoFileExists(t, s.layout.In("stack.json"))
	require.NoError(t, shut())
	left, err := os.ReadDir(s.layout.In("run"))
	require.NoError(t, err)
	require.Empty(t, left)
}
