package server

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhichConnectionMakesRoom names the connections in the order in which they go.
func TestWhichConnectionMakesRoom(t *testing.T) {
	now := time.Now()
	l := newConnections(nil, 0, nil)
	names := map[*conn]string{}
	for name, c := range map[string]*conn{
		"slow body":    {phase: reading, since: now.Add(-9 * time.Second)},
		"slow headers": {phase: reading, since: now.Add(-8 * time.Second)},
		"long idle":    {phase: idle, since: now.Add(-7 * time.Second)},
		"just idle":    {phase: idle, since: now.Add(-10 * time.Millisecond)},
		"new":          {phase: reading, since: now.Add(-100 * time.Millisecond)},
		"slow reader":  {phase: answering, since: now.Add(-20 * time.Second)},
		"answering":    {phase: answering, since: now.Add(-time.Second)},
	} {
		l.open[c], names[c] = struct{}{}, name
	}
	var order []string
	for c := l.victim(now); c != nil; c = l.victim(now) {
		order = append(order, names[c])
		delete(l.open, c)
	}
	require.Equal(t, []string{"slow body", "slow headers", "long idle", "just idle", "new", "slow reader"}, order)
	require.Len(t, l.open, 1, "what is being answered stays")
}

// TestAConnectionIsTrackedBelowTLS, whose own connection net/http knows.
func TestAConnectionIsTrackedBelowTLS(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	l := newConnections(nil, 1, nil)
	c := &conn{Conn: server, of: l}
	require.Same(t, c, tracked(tls.Server(c, nil)))
	require.Same(t, c, tracked(c))
	require.Nil(t, tracked(server))
}
