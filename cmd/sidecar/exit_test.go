package main

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAReaderThatWentAway is no error to speak of; a server that closed a connection is one.
func TestAReaderThatWentAway(t *testing.T) {
	t.Parallel()
	gone := &os.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.EPIPE}
	require.True(t, isClosedOutput(errors.Join(gone, gone)))
	require.False(t, isClosedOutput(&os.PathError{Op: "write", Path: "/data/history.db", Err: syscall.EPIPE}))
	require.False(t, isClosedOutput(os.NewSyscallError("write", syscall.EPIPE)))
}
