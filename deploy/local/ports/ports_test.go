package ports

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// take listens on address and returns the port.
func take(t *testing.T, network, address string) int {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestCheckNamesTheOwner(t *testing.T) {
	port := take(t, "tcp4", "127.0.0.1:0")
	require.EqualError(t, Check(port), fmt.Sprintf("port %d is taken by pid %d (ports.test)", port, os.Getpid()))
}

func TestCheckSeesAWildcardListener(t *testing.T) {
	port := take(t, "tcp", ":0")
	var taken *TakenError
	require.ErrorAs(t, Check(port), &taken)
	require.Equal(t, TakenError{Port: port, PID: os.Getpid(), Name: "ports.test"}, *taken)
}

func TestCheckOfAFreePort(t *testing.T) {
	free, err := Free(1)
	require.NoError(t, err)
	require.NoError(t, Check(free[0]))
}

func TestTakenByAnotherUser(t *testing.T) {
	require.EqualError(t, &TakenError{Port: 9092},
		"port 9092 is taken by another user's process (name it with: sudo ss -ltnp 'sport = :9092')")
}

func TestFree(t *testing.T) {
	free, err := Free(20)
	require.NoError(t, err)
	require.Len(t, free, 20)
	seen := map[int]bool{}
	for _, port := range free {
		require.False(t, seen[port], "port %d twice", port)
		seen[port] = true
		require.GreaterOrEqual(t, port, lowest)
		require.Less(t, port, firstEphemeral(), "an outgoing connection could take it")
	}
	_, err = Free(100_000)
	require.EqualError(t, err, fmt.Sprintf("no 100000 free ports between 20000 and %d", firstEphemeral()))
}

func TestListener(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F91 0100007F:2384 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 100 0 0 10 0
`
	require.Equal(t, "4711", listener(strings.NewReader(table), 9092))
	require.Empty(t, listener(strings.NewReader(table), 8081), "a connection is not a listener")
	require.Empty(t, listener(strings.NewReader(""), 9092))
}

func TestLoopback(t *testing.T) {
	require.Equal(t, "127.0.0.1:9092", Loopback(9092))
}
