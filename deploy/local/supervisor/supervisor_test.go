package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const soon = 10 * time.Second // longer than anything here takes on a busy machine

// diary keeps what a supervisor reports, one "service: event" each.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) report(service, event string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, service+": "+event)
}

func (d *diary) has(text string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Contains(strings.Join(d.lines, "\n"), text)
}

// order returns the services of the events that contain text, in order.
func (d *diary) order(text string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var services []string
	for _, line := range d.lines {
		if service, event, _ := strings.Cut(line, ": "); strings.Contains(event, text) {
			services = append(services, service)
		}
	}
	return services
}

// inside is a service that runs until it is stopped.
func inside(name string, after ...string) supervisor.Service {
	return supervisor.Service{
		Name: name, After: after, Patience: soon, Grace: soon,
		Launch: func(context.Context) (*process.Process, error) {
			return process.Inside(name, func(ctx context.Context) error { <-ctx.Done(); return nil }), nil
		},
	}
}

// shell is a service that is a shell script.
func shell(t *testing.T, name, script string) supervisor.Service {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, name+".log")
	return supervisor.Service{
		Name: name, Log: log, Port: 4711, Patience: soon, Grace: soon,
		Launch: func(context.Context) (*process.Process, error) {
			return process.Start(process.Spec{
				Name: name, Argv: []string{"sh", "-c", script}, Log: log, Record: filepath.Join(dir, name+".pid"),
			})
		},
	}
}

func supervise(t *testing.T, table ...supervisor.Service) (*supervisor.Supervisor, *diary) {
	t.Helper()
	events := &diary{}
	s, err := supervisor.New(table, events.report)
	require.NoError(t, err)
	t.Cleanup(func() { s.Down(context.Background()) })
	return s, events
}

func state(s *supervisor.Supervisor, name string) supervisor.Status {
	for _, status := range s.Status() {
		if status.Name == name {
			return status
		}
	}
	return supervisor.Status{}
}

func becomes(t *testing.T, s *supervisor.Supervisor, name string, want supervisor.State) {
	t.Helper()
	require.Eventually(t, func() bool { return state(s, name).State == want }, soon, time.Millisecond)
}

func TestUpFollowsDependenciesAndDownTheTable(t *testing.T) {
	var mu sync.Mutex
	up := map[string]bool{}
	table := []supervisor.Service{
		inside("kafka"), inside("jobmanager"), inside("taskmanager", "jobmanager"),
		inside("load", "kafka", "taskmanager"),
	}
	for i := range table {
		service := &table[i]
		launch := service.Launch
		service.Launch = func(ctx context.Context) (*process.Process, error) {
			mu.Lock()
			defer mu.Unlock()
			for _, name := range service.After {
				if !up[name] {
					return nil, fmt.Errorf("%s launched before %s was settled", service.Name, name)
				}
			}
			return launch(ctx)
		}
		service.Settle = func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			up[service.Name] = true
			return nil
		}
	}
	s, events := supervise(t, table...)
	for _, status := range s.Status() {
		require.Equal(t, supervisor.Waiting, status.State)
	}
	require.NoError(t, s.Up(t.Context()))
	for _, status := range s.Status() {
		require.Equal(t, supervisor.Ready, status.State)
		require.Equal(t, 1, status.Starts)
	}
	s.Down(t.Context())
	require.Equal(t, []string{"load", "taskmanager", "jobmanager", "kafka"}, events.order("stopped after"))
	for _, status := range s.Status() {
		require.Equal(t, supervisor.Stopped, status.State)
		require.Zero(t, status.PID)
	}
	_, err := s.Start(t.Context(), "kafka")
	require.ErrorIs(t, err, context.Canceled, "nothing is started once Down has begun")
}

func TestUpWaitsForReady(t *testing.T) {
	looks := 0
	service := inside("kafka")
	service.Ready = func(context.Context) error {
		if looks++; looks < 3 {
			return errors.New("no metadata yet")
		}
		return nil
	}
	s, events := supervise(t, service)
	require.NoError(t, s.Up(t.Context()))
	require.Equal(t, 3, looks)
	require.Positive(t, state(s, "kafka").Took)
	require.True(t, events.has("kafka: ready after 0."))
}

func TestUpFails(t *testing.T) {
	never := func(context.Context) error { return errors.New("connection refused") }
	t.Run("a service that ends early", func(t *testing.T) {
		service := shell(t, "kafka", "exit 3")
		service.Ready = never
		s, _ := supervise(t, inside("jobmanager"), service, inside("load", "kafka"))
		require.EqualError(t, s.Up(t.Context()), "kafka ended before it was ready: exit status 3, see "+service.Log)
		require.Equal(t, supervisor.Waiting, state(s, "load").State)
	})
	t.Run("a service that is never ready", func(t *testing.T) {
		service := shell(t, "kafka", "exec sleep 300")
		service.Ready, service.Patience = never, 50*time.Millisecond
		s, _ := supervise(t, service)
		require.EqualError(t, s.Up(t.Context()), "kafka is not ready after 50ms: connection refused, see "+service.Log)
		require.Equal(t, supervisor.Starting, state(s, "kafka").State)
	})
	t.Run("a service that cannot be launched", func(t *testing.T) {
		service := inside("kafka")
		service.Launch = func(context.Context) (*process.Process, error) { return nil, errors.New("kafka: no java") }
		s, _ := supervise(t, service)
		require.EqualError(t, s.Up(t.Context()), "kafka: no java")
		require.Equal(t, supervisor.Dead, state(s, "kafka").State)
		require.Equal(t, "kafka: no java", state(s, "kafka").Reason)
	})
	t.Run("the user", func(t *testing.T) {
		service := inside("kafka")
		service.Ready = never
		s, _ := supervise(t, service)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Up(ctx), context.Canceled)
	})
}

func TestUpLeavesManualServicesAlone(t *testing.T) {
	sidecar := inside("sidecar", "kafka")
	sidecar.Manual = true
	s, events := supervise(t, inside("kafka"), sidecar)
	require.NoError(t, s.Up(t.Context()))
	require.Equal(t, supervisor.Waiting, state(s, "sidecar").State)
	_, err := s.Start(t.Context(), "sidecar")
	require.NoError(t, err)
	s.Down(t.Context())
	require.Equal(t, []string{"sidecar", "kafka"}, events.order("stopped after"))
}

func TestUpGoesWithoutWhatIsAbsent(t *testing.T) {
	service := inside("prometheus")
	service.Prepare = func(context.Context) error { return fmt.Errorf("no apt-get: %w", supervisor.ErrAbsent) }
	s, events := supervise(t, service, inside("load", "prometheus"))
	require.NoError(t, s.Up(t.Context()))
	require.Equal(t, supervisor.Absent, state(s, "prometheus").State)
	require.Equal(t, supervisor.Ready, state(s, "load").State)
	require.True(t, events.has("prometheus: no apt-get: not available; the stack runs without it"))
}

func TestNothingIsRestartedSilently(t *testing.T) {
	s, events := supervise(t, shell(t, "kafka", "exec sleep 300"))
	require.NoError(t, s.Up(t.Context()))
	first := state(s, "kafka")
	require.NoError(t, syscall.Kill(first.PID, syscall.SIGKILL))
	becomes(t, s, "kafka", supervisor.Dead)
	require.Equal(t, "signal: killed", state(s, "kafka").Reason)
	require.Eventually(t, func() bool {
		return events.has(fmt.Sprintf("kafka: died: signal: killed (pid %d, see %s)", first.PID, first.Log))
	}, soon, time.Millisecond)

	again, err := s.Start(t.Context(), "kafka")
	require.NoError(t, err)
	require.Equal(t, supervisor.Ready, again.State)
	require.Equal(t, 2, again.Starts)
	require.Equal(t, first.Port, again.Port)
	require.NotEqual(t, first.PID, again.PID)
	require.Empty(t, again.Reason)
}

func TestKillAndStart(t *testing.T) {
	settled := 0
	service := shell(t, "kafka", "exec sleep 300")
	service.Settle = func(context.Context) error { settled++; return nil }
	s, events := supervise(t, service)
	require.NoError(t, s.Up(t.Context()))
	_, err := s.Start(t.Context(), "kafka")
	require.EqualError(t, err, fmt.Sprintf("kafka runs already (pid %d)", state(s, "kafka").PID))

	status, err := s.Kill(t.Context(), "kafka", syscall.SIGTERM)
	require.NoError(t, err)
	require.Equal(t, supervisor.Stopped, status.State, "its end was requested")
	require.True(t, events.has("kafka: stopped by SIGTERM"))
	_, err = s.Kill(t.Context(), "kafka", syscall.SIGTERM)
	require.EqualError(t, err, "kafka does not run")

	for range 5 { // an end that is noticed late must not overwrite the next beginning
		_, err = s.Start(t.Context(), "kafka")
		require.NoError(t, err)
		status, err = s.Kill(t.Context(), "kafka", syscall.SIGKILL)
		require.NoError(t, err)
		require.Equal(t, supervisor.Stopped, status.State)
	}
	require.Equal(t, 6, settled, "settled after each start")
	require.False(t, events.has("died"))
}

func TestKillWithOtherSignals(t *testing.T) {
	s, _ := supervise(t, shell(t, "kafka", "trap : HUP; while :; do sleep 0.01; done"))
	require.NoError(t, s.Up(t.Context()))
	for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		status, err := s.Kill(t.Context(), "kafka", signal)
		require.NoError(t, err)
		require.Equal(t, supervisor.Ready, status.State)
	}
}

func TestKillOfAServiceThatDoesNotListen(t *testing.T) {
	deaf := filepath.Join(t.TempDir(), "deaf")
	service := shell(t, "kafka", "trap '' TERM; touch "+deaf+"; while :; do sleep 0.01; done")
	service.Grace = 50 * time.Millisecond
	service.Ready = func(context.Context) error { _, err := os.Stat(deaf); return err }
	s, events := supervise(t, service)
	require.NoError(t, s.Up(t.Context()))
	_, err := s.Kill(t.Context(), "kafka", syscall.SIGTERM)
	require.EqualError(t, err, "kafka still runs 50ms after SIGTERM")
	s.Down(t.Context())
	require.True(t, events.has("kafka: killed, because it did not stop in time, after 0.1 s"))
}

func TestDownInterruptsAStart(t *testing.T) {
	service := inside("kafka")
	looked := make(chan struct{})
	var once sync.Once
	service.Ready = func(context.Context) error {
		once.Do(func() { close(looked) })
		return errors.New("not yet")
	}
	s, _ := supervise(t, service)
	failed := make(chan error, 1)
	go func() { _, err := s.Start(context.Background(), "kafka"); failed <- err }()
	<-looked
	s.Down(t.Context())
	require.ErrorIs(t, <-failed, context.Canceled)
	require.Equal(t, supervisor.Stopped, state(s, "kafka").State)
}

func TestUnknownNames(t *testing.T) {
	s, _ := supervise(t, inside("kafka"), inside("jobmanager"))
	_, err := s.Start(t.Context(), "zookeeper")
	require.EqualError(t, err, `no service "zookeeper" (there are kafka, jobmanager)`)
	_, err = s.Kill(t.Context(), "zookeeper", syscall.SIGTERM)
	require.EqualError(t, err, `no service "zookeeper" (there are kafka, jobmanager)`)
	_, err = supervisor.New([]supervisor.Service{inside("load", "kafka"), inside("kafka")}, nil)
	require.EqualError(t, err, "service load comes after kafka, which is not above it in the table")
}
