package synthetictest

import (
	"context"
	"net"
	"sync"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Network is an in-memory network whose servers can become unreachable.
type Network struct {
	kfake.VirtualNetwork
	mu    sync.Mutex // protects the following fields
	down  map[string]bool
	conns map[string][]net.Conn
}

// NewNetwork returns a network without servers.
func NewNetwork() *Network {
	return &Network{down: map[string]bool{}, conns: map[string][]net.Conn{}}
}

// Dial fails for servers that are down.
func (n *Network) Dial(ctx context.Context, kind, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down[address] {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: syscall.ECONNREFUSED}
	}
	conn, err := n.DialContext(ctx, kind, address)
	if err == nil {
		n.conns[address] = append(n.conns[address], conn)
	}
	return conn, err
}

// Cut makes a server unreachable and closes all its connections.
func (n *Network) Cut(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down[address] = true
	for _, conn := range n.conns[address] {
		_ = conn.Close()
	}
	n.conns[address] = nil
}

// Mend makes a server reachable again.
func (n *Network) Mend(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down[address] = false
}
