// Package ports finds free loopback ports for the services of the local stack, and names
// the process that uses a taken one.
//
// The ports are chosen below the kernel's ephemeral range, not by listening on port 0. A
// stopped service must get its port back, and meanwhile its clients keep connecting to
// it. From the ephemeral range an outgoing connection may get that very port as its
// source (two ends of one loopback port can even connect to themselves), and the service
// could not bind it again.
package ports

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	lowest = 20000
	// highest is used when the kernel does not say where its ephemeral range begins;
	// 32768 is Linux' default.
	highest = 32767

	ephemeralRange = "/proc/sys/net/ipv4/ip_local_port_range"
)

// TakenError says which process listens on a requested port.
type TakenError struct {
	Port int
	PID  int    // 0 = not known, usually because the process belongs to another user
	Name string // the command's name as in /proc/PID/comm
}

func (e *TakenError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("port %d is taken by another user's process (name it with: sudo ss -ltnp 'sport = :%d')",
			e.Port, e.Port)
	}
	return fmt.Sprintf("port %d is taken by pid %d (%s)", e.Port, e.PID, e.Name)
}

// Check returns nil when a service can listen on 127.0.0.1:port, a *TakenError when
// another process does, and the system's own error otherwise.
func Check(port int) error {
	err := listenOnce(port)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		pid, name := owner(port)
		return &TakenError{Port: port, PID: pid, Name: name}
	default:
		return fmt.Errorf("port %d cannot be used: %w", port, err)
	}
}

func listenOnce(port int) error {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp4", Loopback(port)) // it does not block
	if err != nil {
		return err
	}
	return listener.Close()
}

// Free returns n > 0 distinct ports that are free now. They are not reserved: another
// process may take them before the caller's services do.
func Free(n int) ([]int, error) {
	top := firstEphemeral()
	found := make([]int, 0, n)
	for _, offset := range rand.Perm(top - lowest) {
		port := lowest + offset
		if listenOnce(port) != nil {
			continue
		}
		if found = append(found, port); len(found) == n {
			return found, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports between %d and %d", n, lowest, top)
}

// Loopback is the address of a port as every service of the stack uses it.
func Loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func firstEphemeral() int {
	text, err := os.ReadFile(ephemeralRange)
	if err != nil {
		return highest
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return highest
	}
	first, err := strconv.Atoi(fields[0])
	if err != nil || first <= lowest+1000 { // an unusual range leaves too little below it
		return highest
	}
	return first
}
