package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// process is a sidecar in a process of its own. TestMain makes this binary one.
type process struct {
	*exec.Cmd

	history string
}

// startProcess starts a command and waits until it has announced itself.
func startProcess(t *testing.T, stderr *os.File, args ...string) (process, string) {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	p := process{history: filepath.Join(t.TempDir(), "history.db")}
	p.Cmd = exec.CommandContext(t.Context(), binary, append(args, "--history.path="+p.history)...)
	p.Args[0], p.Stderr = "sidecar", stderr
	require.NoError(t, p.Start())
	var url string
	require.Eventually(t, func() bool {
		owner, running, err := history.FindOwner(p.history)
		require.NoError(t, err)
		url = owner.URL
		return running
	}, 20*time.Second, 20*time.Millisecond)
	return p, url
}

func (p process) ended(t *testing.T, code int) {
	t.Helper()
	_ = p.Wait() // the code says the same
	require.Equal(t, code, p.ProcessState.ExitCode(), p.ProcessState)
	require.NoFileExists(t, p.history+".owner")
}

func healthy(t *testing.T, url string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/-/healthy", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// TestHangupsAndAClosedLogEndNothing closes the log's other end and sends SIGHUP, of which
// each is a line in that log. SIGTERM and SIGINT end the sidecar, and its owner file.
func TestHangupsAndAClosedLogEndNothing(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	for _, last := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(last.String(), func(t *testing.T) {
			reading, writing, err := os.Pipe()
			require.NoError(t, err)
			p, page := startProcess(t, writing, "run", "--flink.url="+url, "--web.listen-address=127.0.0.1:0")
			require.NoError(t, writing.Close())
			require.NoError(t, reading.Close())
			for range 5 {
				require.NoError(t, p.Process.Signal(syscall.SIGHUP))
				require.True(t, healthy(t, page))
			}
			require.NoError(t, p.Process.Signal(last))
			p.ended(t, exitFine)
		})
	}
}

// TestAHangupEndsACommandAsCtrlCDoes: the history that it opened has no owner then.
func TestAHangupEndsACommandAsCtrlCDoes(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	silent, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0") // a Flink that never answers
	require.NoError(t, err)
	defer silent.Close()
	p, _ := startProcess(t, nil, "advise", "--flink.url=http://"+silent.Addr().String())
	require.NoError(t, p.Process.Signal(syscall.SIGHUP))
	p.ended(t, exitFailed)
}
