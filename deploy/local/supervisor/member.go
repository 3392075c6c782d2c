package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

const (
	lookAgain = 200 * time.Millisecond // between two calls of Ready
	oneLook   = 3 * time.Second        // how long one call may take
)

// deadly are the signals after which Kill waits for the end. QUIT is not among them: a
// JVM answers it with a thread dump and continues.
var deadly = []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL, syscall.SIGABRT}

// State is where a service is in its life; see the package comment.
type State string

// The states.
const (
	Waiting  State = "waiting"
	Starting State = "starting"
	Ready    State = "ready"
	Stopped  State = "stopped"
	Dead     State = "dead"
	Absent   State = "absent"
)

// Status is the state of one service.
type Status struct {
	Name   string    `json:"name"`
	State  State     `json:"state"`
	PID    int       `json:"pid,omitempty"`  // 0 when it does not run
	Port   int       `json:"port,omitempty"` // 0 when it has none
	Log    string    `json:"log,omitempty"`
	Since  time.Time `json:"since"`            // when it entered State
	Took   float64   `json:"took_seconds"`     // from launch to ready, last time; 0 = never ready yet
	Starts int       `json:"starts"`           // how often it was launched
	Reason string    `json:"reason,omitempty"` // why it is dead or absent
}

// member is a service with its life so far.
type member struct {
	service Service
	report  func(service, event string)

	turn     sync.Mutex // held by start: one at a time; guards launched
	launched time.Time

	mu      sync.Mutex // guards the fields below
	now     Status
	running *process.Process // nil when the service does not run
	gone    chan struct{}    // closed once running has ended and now says so
	told    bool             // its end was requested
}

func newMember(service Service, report func(service, event string)) *member {
	return &member{service: service, report: report, now: Status{
		Name: service.Name, State: Waiting, Port: service.Port, Log: service.Log, Since: time.Now(),
	}}
}

func (m *member) status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// enter records a new state; mu is held.
func (m *member) enter(state State, reason string) {
	m.now.State, m.now.Reason, m.now.Since = state, reason, time.Now()
}

// start launches the service and waits until it is ready.
func (m *member) start(ctx context.Context) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p, err := m.launch(ctx)
	if errors.Is(err, ErrAbsent) {
		m.report(m.service.Name, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if err := m.becomeReady(ctx, p); err != nil {
		return err
	}
	took := time.Since(m.launched)
	m.mu.Lock()
	m.now.Took = took.Seconds()
	m.mu.Unlock()
	m.report(m.service.Name, fmt.Sprintf("ready after %.1f s (pid %d)", took.Seconds(), p.PID()))
	return nil
}

// launch starts the process and begins to watch it.
func (m *member) launch(ctx context.Context) (*process.Process, error) {
	m.mu.Lock()
	if m.running != nil {
		defer m.mu.Unlock()
		return nil, fmt.Errorf("%s runs already (pid %d)", m.service.Name, m.running.PID())
	}
	m.enter(Starting, "")
	m.mu.Unlock()

	p, err := m.prepareAndLaunch(ctx)

	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		state := Dead
		if errors.Is(err, ErrAbsent) {
			state = Absent
		}
		m.enter(state, err.Error())
		return nil, err
	}
	m.running, m.gone, m.told = p, make(chan struct{}), false
	m.now.PID = p.PID()
	m.now.Starts++
	go m.watch(p, m.gone)
	return p, nil
}

func (m *member) prepareAndLaunch(ctx context.Context) (*process.Process, error) {
	if m.service.Prepare != nil {
		if err := m.service.Prepare(ctx); err != nil {
			return nil, err
		}
	}
	m.launched = time.Now()
	return m.service.Launch(ctx)
}

// watch records the end of a process, and reports it unless it was requested.
func (m *member) watch(p *process.Process, gone chan<- struct{}) {
	<-p.Done()
	m.mu.Lock()
	told := m.told
	m.running, m.now.PID = nil, 0
	if told {
		m.enter(Stopped, "")
	} else {
		m.enter(Dead, ending(p))
	}
	m.mu.Unlock()
	if !told {
		m.report(m.service.Name, fmt.Sprintf("died: %s (pid %d%s)", ending(p), p.PID(), m.logHint()))
	}
	close(gone)
}

// becomeReady checks until the service is ready and settled, has ended, or has used up
// its patience.
func (m *member) becomeReady(ctx context.Context, p *process.Process) error {
	patience, cancel := context.WithTimeout(ctx, m.service.Patience)
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		err := m.look(patience)
		if err == nil && m.becameReady(p) {
			return nil
		}
		select {
		case <-p.Done():
			return fmt.Errorf("%s ended before it was ready: %s%s", m.service.Name, ending(p), m.logHint())
		case <-patience.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s is not ready after %s: %w%s", m.service.Name, m.service.Patience, err, m.logHint())
		case <-tick.C:
		}
	}
}

// becameReady notes that p is ready, unless it has ended by now.
func (m *member) becameReady(p *process.Process) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running != p {
		return false
	}
	m.enter(Ready, "")
	return true
}

// look checks once whether the service is ready, and settles it if so.
func (m *member) look(ctx context.Context) error {
	once, cancel := context.WithTimeout(ctx, oneLook)
	defer cancel()
	if m.service.Ready != nil {
		if err := m.service.Ready(once); err != nil {
			return err
		}
	}
	if m.service.Settle != nil {
		return m.service.Settle(ctx)
	}
	return nil
}

// kill sends a signal and, if that should end the service, waits until it has ended.
func (m *member) kill(ctx context.Context, signal syscall.Signal) error {
	p, gone := m.current(slices.Contains(deadly, signal))
	if p == nil {
		return fmt.Errorf("%s does not run", m.service.Name)
	}
	if err := p.Signal(signal); err != nil || !slices.Contains(deadly, signal) {
		return err
	}
	grace := time.NewTimer(m.service.Grace)
	defer grace.Stop()
	select {
	case <-gone:
		m.report(m.service.Name, fmt.Sprintf("stopped by %s (pid %d)", unix.SignalName(signal), p.PID()))
		return nil
	case <-grace.C:
		return fmt.Errorf("%s still runs %s after %s", m.service.Name, m.service.Grace, unix.SignalName(signal))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the service if it runs.
func (m *member) stop(ctx context.Context) {
	p, gone := m.current(true)
	if p == nil {
		return
	}
	began := time.Now()
	how := "stopped"
	if p.Stop(ctx, m.service.Grace) {
		how = "killed, because it did not stop in time,"
	}
	<-gone
	m.report(m.service.Name, fmt.Sprintf("%s after %.1f s", how, time.Since(began).Seconds()))
}

// current returns the running process, or nil, and a channel that is closed when it has
// ended. toEnd says that the caller will end it.
func (m *member) current(toEnd bool) (*process.Process, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = m.told || toEnd
	return m.running, m.gone
}

func (m *member) logHint() string {
	if m.service.Log == "" {
		return ""
	}
	return ", see " + m.service.Log
}

// ending says how a process ended.
func ending(p *process.Process) string {
	if err := p.Err(); err != nil {
		return err.Error()
	}
	return "exit status 0"
}
