package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// A data directory may have a longer path than a Unix socket.
func longDir(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), strings.Repeat("long/", 40))
}

func TestClientAndControl(t *testing.T) {
	dir := longDir(t)
	s, _ := bare(t, dir, idle("kafka"), idle("load"))
	require.NoError(t, s.services.Up(t.Context()))
	info, err := os.Stat(s.layout.In(socketName))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	client, err := NewClient(dir)
	require.NoError(t, err)

	report, err := client.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), report.PID)
	require.Equal(t, s.layout.Dir, report.Dir)
	require.Len(t, report.Services, 2)
	require.Equal(t, supervisor.Ready, report.Services[0].State)

	_, err = client.Start(t.Context(), "kafka")
	require.EqualError(t, err, fmt.Sprintf("kafka runs already (pid %d)", os.Getpid()))
	status, err := client.Kill(t.Context(), "kafka", "term")
	require.NoError(t, err)
	require.Equal(t, supervisor.Stopped, status.State)
	status, err = client.Start(t.Context(), "kafka")
	require.NoError(t, err)
	require.Equal(t, supervisor.Ready, status.State)
	require.Equal(t, 2, status.Starts)

	_, err = client.Kill(t.Context(), "kafka", "BOOM")
	require.EqualError(t, err, `there is no signal "BOOM" (use for example KILL, TERM, STOP or CONT)`)
	_, err = client.Kill(t.Context(), "zoo/keeper", "KILL")
	require.EqualError(t, err, `no service "zoo/keeper" (there are kafka, load)`)

	before, err := client.SetLoad(t.Context(), 20)
	require.NoError(t, err)
	require.Zero(t, before)
	before, err = client.SetLoad(t.Context(), 30)
	require.NoError(t, err)
	require.InDelta(t, 20, before, 0)
	_, err = client.SetLoad(t.Context(), -1)
	require.EqualError(t, err, "a load of -1 records/s is out of range (use 0 to 100000)")

	delay, err := client.SetLookupDelay(t.Context(), 5*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, lookup.DefaultDelay, delay)
	delay, err = client.SetLookupDelay(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, 5*time.Millisecond, delay)
	_, err = client.SetLookupDelay(t.Context(), time.Minute)
	require.EqualError(t, err, "a delay of 1m0s is out of range (use 0s to 10s)")
}

func TestStop(t *testing.T) {
	dir := t.TempDir()
	s, _ := bare(t, dir)
	client, err := NewClient(dir)
	require.NoError(t, err)
	require.NoError(t, client.Stop(t.Context()))
	require.NoError(t, client.Stop(t.Context()), "twice is once")
	s.Wait(t.Context()) // returns

	brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.EqualError(t, client.WaitGone(brief, nil), fmt.Sprintf(
		"the launcher (pid %d) still runs in %s (end it with: kill -9 %d, then run local down again)", os.Getpid(),
		dir, os.Getpid()))
}

func TestWaitEndsWithItsContext(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Wait(ctx)
}

func TestNoLauncher(t *testing.T) {
	l := layout(t)
	client, err := NewClient(l.Dir)
	require.NoError(t, err)
	_, err = client.Status(t.Context())
	require.EqualError(t, err, "no stack runs in "+l.Dir+" (start one with: local up)")
	require.ErrorIs(t, err, ErrNotRunning)
	require.NoError(t, client.WaitGone(t.Context(), nil))
	require.NoDirExists(t, l.Dir)

	// The socket of a launcher that was killed.
	release, err := l.Hold()
	require.NoError(t, err)
	require.NoError(t, syscall.Mknod(l.In(socketName), syscall.S_IFSOCK|0o600, 0))
	release()
	require.ErrorIs(t, client.Stop(t.Context()), ErrNotRunning)
	kafka := leave(t, l, "kafka", "exec sleep 300")
	require.EqualError(t, client.Stop(t.Context()),
		"no stack runs in "+l.Dir+", but a killed one left kafka (end them with: local down)")
	events := &diary{}
	require.NoError(t, client.WaitGone(t.Context(), events.report))
	require.Equal(t, fmt.Sprintf("kafka: stopped (pid %d), left behind by an earlier start\n", kafka.Process.Pid),
		events.String())
	require.NoFileExists(t, l.In(socketName))
}

func TestParseSignal(t *testing.T) {
	for text, want := range map[string]syscall.Signal{
		"KILL": syscall.SIGKILL, "sigterm": syscall.SIGTERM, "9": syscall.SIGKILL, "Stop": syscall.SIGSTOP,
	} {
		signal, err := ParseSignal(text)
		require.NoError(t, err)
		require.Equal(t, want, signal)
	}
	for _, text := range []string{"", "BOOM", "0", "99"} {
		_, err := ParseSignal(text)
		require.EqualError(t, err, fmt.Sprintf("there is no signal %q (use for example KILL, TERM, STOP or CONT)",
			text))
	}
}
