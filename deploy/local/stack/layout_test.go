package stack

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

func layout(t *testing.T) Layout {
	t.Helper()
	l, err := NewLayout(filepath.Join(t.TempDir(), "data"))
	require.NoError(t, err)
	return l
}

func TestHoldIsForOne(t *testing.T) {
	l := layout(t)
	release, err := l.Hold()
	require.NoError(t, err)
	_, err = l.Hold()
	require.EqualError(t, err, fmt.Sprintf("a stack already runs in %s (pid %d); stop it with: local down --dir=%s",
		l.Dir, os.Getpid(), l.Dir))
	release()
	release, err = l.Hold()
	require.NoError(t, err)
	release()
	info, err := os.Stat(l.Dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestHoldLeavesOtherPeoplesDirectoriesAlone(t *testing.T) {
	l := layout(t)
	require.NoError(t, l.Write("kafka/important", "mine"))
	_, err := l.Hold()
	require.EqualError(t, err, l.In("kafka")+" exists, but was not made by this program (choose another --dir)")
	require.FileExists(t, l.In("kafka", "important"))
}

func TestWipeKeepsWhatOthersAdded(t *testing.T) {
	l := layout(t)
	release, err := l.Hold()
	require.NoError(t, err)
	defer release()
	for _, path := range []string{
		"kafka/data/x", "logs/kafka.log", "prometheus/data/x", "prometheus/rules/mine.yml",
		"prometheus/targets/mine.json", "sidecar.db",
	} {
		require.NoError(t, l.Write(path, "x"))
	}
	require.NoError(t, l.Wipe())
	for path, kept := range map[string]bool{
		"kafka": false, "logs/kafka.log": false, "prometheus/data": false,
		"prometheus/rules/mine.yml": true, "prometheus/targets/mine.json": true, "sidecar.db": true, "logs": true,
	} {
		_, err := os.Stat(l.In(path))
		require.Equal(t, kept, err == nil, path)
	}
}

// leave starts a process and returns a record of it that the process package does not
// know of, as after a crash of the launcher.
func leave(t *testing.T, l Layout, name, script string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "setsid", "sh", "-c",
		`read -r boot </proc/sys/kernel/random/boot_id; read -r stat </proc/$$/stat
printf '%s %s\n' "$boot" "$stat" >"$0.new"; mv "$0.new" "$0"; `+script, l.Record(name))
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		_, ok, err := process.ReadRecord(l.Record(name))
		return err == nil && ok
	}, soon, soon/10000)
	return cmd
}

func TestCleanEndsWhatACrashLeft(t *testing.T) {
	l := layout(t)
	release, err := l.Hold()
	require.NoError(t, err)
	defer release()
	kafka := leave(t, l, "kafka", "exec sleep 300")
	require.NoError(t, l.Write("run/elasticsearch.pid", ""))
	require.NoError(t, l.Write("stack.json", "{}"))
	require.NoError(t, l.Write("control.sock", ""))

	events := &diary{}
	require.NoError(t, l.Clean(t.Context(), events.report))
	require.Equal(t, fmt.Sprintf("kafka: stopped (pid %d), left behind by an earlier start\n", kafka.Process.Pid),
		events.String())
	left, err := os.ReadDir(l.In("run"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoFileExists(t, l.In("stack.json"))
	require.NoFileExists(t, l.In("control.sock"))
	require.EqualError(t, kafka.Wait(), "signal: terminated")
}

func TestCleanDoesNotGuess(t *testing.T) {
	l := layout(t)
	require.NoError(t, l.Write("run/kafka.pid", "what is this"))
	require.EqualError(t, l.Clean(t.Context(), (&diary{}).report), l.Record("kafka")+
		`: not a process record: "what is this" (check that the process belongs to the stack, end it, and remove the file)`)
	require.FileExists(t, l.Record("kafka"))
}

func TestReadStateOfABrokenFile(t *testing.T) {
	l := layout(t)
	require.NoError(t, l.Write("stack.json", "{"))
	_, err := ReadState(l.Dir)
	require.EqualError(t, err, l.In("stack.json")+": unexpected end of JSON input")
}

func TestAssign(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	taken := listener.Addr().(*net.TCPAddr).Port
	free, err := ports.Free(1)
	require.NoError(t, err)

	p := Ports{Kafka: free[0]}
	require.NoError(t, p.assign())
	require.Equal(t, free[0], p.Kafka)
	seen := map[int]bool{}
	for _, port := range p.all() {
		require.NotZero(t, *port)
		require.False(t, seen[*port], "port %d twice", *port)
		seen[*port] = true
	}

	p = Ports{Kafka: taken}
	require.EqualError(t, p.assign(), fmt.Sprintf("port %d is taken by pid %d (stack.test)", taken, os.Getpid()))
	p = Ports{Kafka: free[0], Flink: free[0]}
	require.EqualError(t, p.assign(), fmt.Sprintf("port %d was given to two services", free[0]))
}
