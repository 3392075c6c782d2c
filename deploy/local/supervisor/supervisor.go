// Package supervisor starts a table of services in the order of their dependencies,
// watches them, and stops them in reverse.
//
// It does not know the services; package stack has the table. The rules:
//
//   - A service is started when all that it comes After are ready, so independent
//     ones start side by side. It counts as ready when its Ready function says so,
//     not when its process exists.
//   - Nothing is restarted silently. A service that ends by itself is reported, and
//     stays down until Start is called.
//   - Stop goes through the table backwards, one service at a time: the order of
//     the table is also the order of a clean stop.
//
// The states of a service, with what leads from one to the next:
//
//	waiting ─► starting ─► ready ─► stopped   by Kill or Stop
//	    │          └─────────┴────► dead      by itself
//	    └─► absent                            Prepare or Launch returned ErrAbsent
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

// ErrAbsent is what Prepare or Launch wraps when the service is not available on this
// machine and the others work without it.
var ErrAbsent = errors.New("not available; the stack runs without it")

// Service is one row of the table.
type Service struct {
	Name  string
	After []string // services above in the table that must be ready first; none that is Manual
	Port  int      // where it is reached; for Status only
	Log   string   // file; empty for what runs inside the launcher
	// Prepare fetches what the service runs from, which may take minutes the first time
	// and is not counted in Status.Took. nil = nothing.
	Prepare func(ctx context.Context) error
	// Launch starts the service.
	Launch func(ctx context.Context) (*process.Process, error)
	// Ready checks once whether the service does its work; the error says what is
	// missing. nil = ready as soon as it runs.
	Ready func(ctx context.Context) error
	// Settle runs each time the service has become ready, before others rely on it. It
	// must be repeatable. nil = nothing.
	Settle func(ctx context.Context) error
	// Patience bounds the time from launch to ready.
	Patience time.Duration
	// Grace is how long the service may take to end after SIGTERM.
	Grace time.Duration
	// Manual services are not started by Up and wait for Start.
	Manual bool
}

// Supervisor runs one table of services. Its methods may be called at any time from any
// goroutine; calls for one service run one after the other.
type Supervisor struct {
	members []*member
	closing context.Context // done once Down has begun: no service starts after that
	close   context.CancelFunc
}

// New returns the supervisor of a table. report is called with each notable event: a
// service that became ready, that was stopped, that died. It must not block.
func New(table []Service, report func(service, event string)) (*Supervisor, error) {
	s := &Supervisor{}
	s.closing, s.close = context.WithCancel(context.Background())
	known := map[string]bool{}
	for _, service := range table {
		for _, name := range service.After {
			if !known[name] {
				return nil, fmt.Errorf("service %s comes after %s, which is not above it in the table",
					service.Name, name)
			}
		}
		known[service.Name] = !service.Manual
		s.members = append(s.members, newMember(service, report))
	}
	return s, nil
}

// Up starts every service that is not Manual and returns when all are ready, or with the
// first error. After an error the caller must call Down.
func (s *Supervisor) Up(ctx context.Context) error {
	ctx, cancel := s.untilClosing(ctx)
	defer cancel()
	ready := map[string]chan struct{}{}
	for _, m := range s.members {
		ready[m.service.Name] = make(chan struct{})
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, m := range s.members {
		if m.service.Manual {
			continue
		}
		group.Go(func() error {
			for _, name := range m.service.After {
				select {
				case <-ready[name]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if err := m.start(ctx); err != nil {
				return err
			}
			close(ready[m.service.Name])
			return nil
		})
	}
	return group.Wait()
}

// Down stops every service, last row first. Once ctx is done it kills what still runs.
func (s *Supervisor) Down(ctx context.Context) {
	s.close()
	for _, m := range slices.Backward(s.members) {
		m.turn.Lock() // a start in progress gives up by itself
		m.stop(ctx)
		m.turn.Unlock()
	}
}

// Start starts a service that is not running and returns when it is ready.
func (s *Supervisor) Start(ctx context.Context, name string) (Status, error) {
	m, err := s.member(name)
	if err != nil {
		return Status{}, err
	}
	ctx, cancel := s.untilClosing(ctx)
	defer cancel()
	if err := m.start(ctx); err != nil {
		return Status{}, err
	}
	return m.status(), nil
}

// Kill sends a signal to a service. For a signal that ends a JVM (TERM, INT, KILL,
// ABRT) it waits for the end, within the service's Grace.
func (s *Supervisor) Kill(ctx context.Context, name string, signal syscall.Signal) (Status, error) {
	m, err := s.member(name)
	if err != nil {
		return Status{}, err
	}
	if err := m.kill(ctx, signal); err != nil {
		return Status{}, err
	}
	return m.status(), nil
}

// Status returns one entry per row of the table.
func (s *Supervisor) Status() []Status {
	all := make([]Status, len(s.members))
	for i, m := range s.members {
		all[i] = m.status()
	}
	return all
}

// untilClosing returns a context that also ends when Down begins.
func (s *Supervisor) untilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.closing, cancel)
	if s.closing.Err() != nil {
		cancel() // now, not in AfterFunc's own time
	}
	return ctx, func() { stop(); cancel() }
}

func (s *Supervisor) member(name string) (*member, error) {
	names := make([]string, len(s.members))
	for i, m := range s.members {
		if m.service.Name == name {
			return m, nil
		}
		names[i] = m.service.Name
	}
	return nil, fmt.Errorf("no service %q (there are %s)", name, strings.Join(names, ", "))
}
