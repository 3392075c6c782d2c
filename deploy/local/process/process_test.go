package process_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

const soon = 10 * time.Second // longer than anything here takes on a busy machine

func TestMain(m *testing.M) {
	if record := os.Getenv("LAUNCHER_THAT_CRASHES"); record != "" {
		crash(record)
	}
	goleak.VerifyTestMain(m)
}

// crash is a launcher that starts a service and is killed before it can stop it.
func crash(record string) {
	_, err := process.Start(process.Spec{
		Name: "sleeper", Argv: []string{"sleep", "300"}, Log: record + ".log", Record: record,
	})
	if err != nil {
		os.Exit(1)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func shell(t *testing.T, script string) process.Spec {
	t.Helper()
	dir := t.TempDir()
	return process.Spec{
		Name:   "service",
		Argv:   []string{"sh", "-c", script},
		Log:    filepath.Join(dir, "logs", "service.log"),
		Record: filepath.Join(dir, "service.pid"),
	}
}

func start(t *testing.T, spec process.Spec) *process.Process {
	t.Helper()
	p, err := process.Start(spec)
	require.NoError(t, err)
	t.Cleanup(func() { p.Stop(context.Background(), 0) })
	return p
}

// eventually waits until the log holds text and returns the log.
func eventually(t *testing.T, log, text string) string {
	t.Helper()
	var content []byte
	require.Eventually(t, func() bool {
		content, _ = os.ReadFile(log)
		return strings.Contains(string(content), text)
	}, soon, time.Millisecond, "%s never held %q", log, text)
	return string(content)
}

func ended(t *testing.T, p *process.Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(soon):
		t.Fatal("the process does not end")
	}
}

func TestStartRunsInAGroupOfItsOwn(t *testing.T) {
	spec := shell(t, `echo "$GREETING from $(pwd)"; exec sleep 300`)
	spec.Env = append(os.Environ(), "GREETING=hello")
	spec.Dir = "/"
	p := start(t, spec)
	require.Equal(t, "hello from /\n", eventually(t, spec.Log, "\n"))
	group, err := syscall.Getpgid(p.PID())
	require.NoError(t, err)
	require.Equal(t, p.PID(), group)
	require.NoError(t, p.Err(), "still running")
}

func TestStartAppendsToTheLog(t *testing.T) {
	spec := shell(t, "echo again")
	ended(t, start(t, spec))
	ended(t, start(t, spec))
	require.Equal(t, "again\nagain\n", eventually(t, spec.Log, "again\nagain\n"))
}

func TestStartOfAMissingProgram(t *testing.T) {
	spec := shell(t, "")
	spec.Argv = []string{"no-such-program"}
	_, err := process.Start(spec)
	require.EqualError(t, err, `service: exec: "no-such-program": executable file not found in $PATH`)
}

func TestErrTellsHowItEnded(t *testing.T) {
	for _, tc := range []struct{ script, want string }{
		{"exit 3", "exit status 3"},
		{"kill -KILL $$", "signal: killed"},
	} {
		p := start(t, shell(t, tc.script))
		ended(t, p)
		require.EqualError(t, p.Err(), tc.want)
	}
	p := start(t, shell(t, "exit 0"))
	ended(t, p)
	require.NoError(t, p.Err())
}

func TestTheRecordIsTheServiceItself(t *testing.T) {
	spec := shell(t, "echo up; exec sleep 300")
	p := start(t, spec)
	eventually(t, spec.Log, "up")
	id, ok, err := process.ReadRecord(spec.Record)
	require.NoError(t, err)
	require.True(t, ok)
	now, err := process.Identify(p.PID())
	require.NoError(t, err)
	require.Equal(t, now, id)
	require.True(t, id.Alive())

	p.Stop(t.Context(), soon)
	require.False(t, id.Alive())
	require.NoFileExists(t, spec.Record)
}

func TestStopIsPoliteFirst(t *testing.T) {
	spec := shell(t, `trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done`)
	p := start(t, spec)
	eventually(t, spec.Log, "up")
	require.False(t, p.Stop(t.Context(), soon))
	eventually(t, spec.Log, "bye\n")
	require.False(t, p.Stop(t.Context(), soon), "a second stop has nothing to do")
	require.ErrorIs(t, p.Signal(syscall.SIGHUP), os.ErrProcessDone)
}

func TestStopForcesWhatDoesNotListen(t *testing.T) {
	deaf := `trap '' TERM; echo up; while :; do sleep 0.01; done`
	t.Run("when the grace is over", func(t *testing.T) {
		spec := shell(t, deaf)
		p := start(t, spec)
		eventually(t, spec.Log, "up")
		require.True(t, p.Stop(t.Context(), 20*time.Millisecond))
		require.EqualError(t, p.Err(), "signal: killed")
	})
	t.Run("when the caller has lost patience", func(t *testing.T) {
		spec := shell(t, deaf)
		p := start(t, spec)
		eventually(t, spec.Log, "up")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.True(t, p.Stop(ctx, time.Hour))
	})
}

func TestStopWakesAPausedService(t *testing.T) {
	spec := shell(t, `trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done`)
	p := start(t, spec)
	eventually(t, spec.Log, "up")
	require.NoError(t, p.Signal(syscall.SIGSTOP))
	require.False(t, p.Stop(t.Context(), soon))
}

func TestTheGroupGoesWithItsLeader(t *testing.T) {
	spec := shell(t, `sleep 300 & echo child=$!; exit 0`)
	p := start(t, spec)
	ended(t, p)
	_, text, _ := strings.Cut(eventually(t, spec.Log, "\n"), "=")
	child, err := strconv.Atoi(strings.TrimSpace(text))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gone(child) }, soon, time.Millisecond)
}

// gone reports whether pid has ended; one that is not reaped yet has.
func gone(pid int) bool {
	id, err := process.Identify(pid)
	return err != nil || !id.Alive()
}

func TestLeftoverOfACrashedLauncher(t *testing.T) {
	record := filepath.Join(t.TempDir(), "sleeper.pid")
	launcher := exec.CommandContext(t.Context(), os.Args[0])
	launcher.Env = append(os.Environ(), "LAUNCHER_THAT_CRASHES="+record)
	require.EqualError(t, launcher.Run(), "signal: killed")

	var left process.Leftover
	require.Eventually(t, func() bool {
		id, ok, err := process.ReadRecord(record)
		return err == nil && ok && id.Alive()
	}, soon, time.Millisecond)
	left, ok, err := process.FindLeftover(record)
	require.NoError(t, err)
	require.True(t, ok)
	forced, err := left.End(t.Context(), soon)
	require.NoError(t, err)
	require.False(t, forced)
	require.False(t, left.Alive())
	require.NoFileExists(t, record)
}

func TestLeftoverThatDoesNotListen(t *testing.T) {
	spec := shell(t, `trap '' TERM; echo up; while :; do sleep 0.01; done`)
	p := start(t, spec)
	eventually(t, spec.Log, "up")
	left, ok, err := process.FindLeftover(spec.Record)
	require.NoError(t, err)
	require.True(t, ok)
	forced, err := left.End(t.Context(), 20*time.Millisecond)
	require.NoError(t, err)
	require.True(t, forced)
	ended(t, p)
}

// A recycled pid is never signalled: the record names another start time or boot.
func TestARecycledPidIsNobodysLeftover(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "echo up; exec sleep 300")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	now, err := process.Identify(cmd.Process.Pid)
	require.NoError(t, err)

	line := func(boot string, started uint64) string {
		return boot + " " + strconv.Itoa(now.PID) + " (java) S " + strings.Repeat("0 ", 18) +
			strconv.FormatUint(started, 10) + " 0\n"
	}
	for name, text := range map[string]string{
		"another start": line(now.Boot, now.StartTime-1),
		"another boot":  line("11111111-2222-3333-4444-555555555555", now.StartTime),
	} {
		t.Run(name, func(t *testing.T) {
			record := filepath.Join(t.TempDir(), "service.pid")
			require.NoError(t, os.WriteFile(record, []byte(text), 0o600))
			_, ok, err := process.FindLeftover(record)
			require.NoError(t, err)
			require.False(t, ok)
			require.NoFileExists(t, record)
			require.True(t, now.Alive())
		})
	}
}

func TestReadRecord(t *testing.T) {
	const fields = " S 1 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 123456 1000 1\n"
	for _, tc := range []struct {
		name, text string
		want       process.Identity
		ok         bool
		err        string
	}{
		{
			name: "plain", text: "boot 42 (java)" + fields,
			want: process.Identity{PID: 42, StartTime: 123456, Boot: "boot"}, ok: true,
		},
		{
			name: "awkward command", text: "boot 42 (a) b (c)" + fields,
			want: process.Identity{PID: 42, StartTime: 123456, Boot: "boot"}, ok: true,
		},
		{name: "empty", text: ""},
		{
			name: "no pid", text: "boot x (java)" + fields,
			err: `not a process record: "boot x (java) S 1 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 123456 1000 1\n"`,
		},
		{
			name: "init", text: "boot 1 (init)" + fields,
			err: `not a process record: "boot 1 (init) S 1 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 123456 1000 1\n"`,
		},
		{name: "cut off", text: "boot 42 (java) S 1", err: `not a line of /proc/PID/stat: "42 (java) S 1"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.pid")
			require.NoError(t, os.WriteFile(path, []byte(tc.text), 0o600))
			id, ok, err := process.ReadRecord(path)
			if tc.err != "" {
				require.EqualError(t, err, path+": "+tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.want, id)
		})
	}
	_, ok, err := process.ReadRecord(filepath.Join(t.TempDir(), "none.pid"))
	require.NoError(t, err)
	require.False(t, ok)
}
