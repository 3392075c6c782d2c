package process

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// Inside runs a service inside the launcher: run is called in a goroutine with a context
// that ends when the service is stopped. It has no record, because it cannot outlive the
// launcher. The signals that end a process end it; SIGCONT does nothing, and every other
// signal is an error.
func Inside(name string, run func(context.Context) error) *Process {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Process{name: name, pid: os.Getpid(), done: make(chan struct{})}
	p.signal = func(sig syscall.Signal) error {
		switch sig {
		case syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL, syscall.SIGQUIT:
			cancel()
		case syscall.SIGCONT:
		default:
			return errors.New("it runs inside the launcher (use TERM, INT, QUIT or KILL)")
		}
		return nil
	}
	go func() {
		err := run(ctx)
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.err, p.ended = err, true
		close(p.done)
	}()
	return p
}
