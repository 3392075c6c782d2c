package process_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

func TestInside(t *testing.T) {
	p := process.Inside("lookup", func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
	require.Equal(t, os.Getpid(), p.PID())
	require.EqualError(t, p.Signal(syscall.SIGSTOP), "lookup: cannot send SIGSTOP to pid "+strconv.Itoa(os.Getpid())+
		": it runs inside the launcher (use TERM, INT, QUIT or KILL)")
	require.NoError(t, p.Signal(syscall.SIGCONT))
	require.False(t, p.Stop(t.Context(), soon))
	require.NoError(t, p.Err())
	require.ErrorIs(t, p.Signal(syscall.SIGTERM), os.ErrProcessDone)
}

func TestInsideThatEndsByItself(t *testing.T) {
	p := process.Inside("lookup", func(context.Context) error { return errors.New("address in use") })
	ended(t, p)
	require.EqualError(t, p.Err(), "address in use")
}
