// Package process starts one service as its own process group, records its identity,
// and makes sure that it ends.
//
// The local stack is half a dozen JVMs that are children of one launcher. This
// package solves three problems of such children:
//
//   - A terminal's Ctrl-C reaches every process of the foreground group, so the
//     JVMs would end before the launcher can stop them in order. So each service is
//     its own process group.
//   - The launcher itself may be killed with SIGKILL and leave its children
//     behind. Each service writes a record of itself *before* it becomes the
//     service: the child is a shell that writes its own line of /proc/PID/stat
//     into the record and then execs the real command, under the same pid and
//     start time. So a crash of the launcher never leaves a process without a
//     record. (PR_SET_PDEATHSIG is no substitute: it fires
//     when the *thread* that forked ends, which Go's runtime may do at any time.)
//   - The kernel reuses a pid after its process has ended. So a record holds
//     pid, start time and boot id, see Identity, and only a process that
//     matches all three is ever signalled.
//
// A Process is one of the launcher's own services, a child (Start) or a part of the
// launcher itself (Inside); Leftover is a process in a record of an earlier
// launcher. Both end a service in two steps: SIGTERM to the group, and SIGKILL when the
// grace is over.
//
// Linux only: identities come from /proc.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// becomeService is what the child runs first: $0 is the record, "$@" the service.
// read is a shell builtin, so nothing is forked and $$ stays the pid of the service.
const becomeService = `read -r boot </proc/sys/kernel/random/boot_id &&
read -r stat </proc/$$/stat &&
printf '%s %s\n' "$boot" "$stat" >"$0" &&
exec "$@"`

// Spec says how a service is started.
type Spec struct {
	Name   string   // for error messages
	Argv   []string // program and arguments; the program is looked up on PATH
	Env    []string // the whole environment; nil = the launcher's own
	Dir    string   // working directory; empty = the launcher's own
	Log    string   // stdout and stderr are appended here
	Record string   // where the child writes who it is, see ReadRecord
}

// Process is a running or ended service.
type Process struct {
	name string
	pid  int
	done chan struct{}

	mu     sync.Mutex // held while signalling, so that no signal follows the reaping
	signal func(syscall.Signal) error
	ended  bool
	err    error // how it ended; valid after done is closed
}

// Start starts the service and returns at once; whether it is ready is for the
// caller to find out. The log is appended to, not truncated.
func Start(spec Spec) (*Process, error) {
	program, err := exec.LookPath(spec.Argv[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	log, err := openLog(spec.Log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	defer log.Close() // the child has its own descriptor
	if err := os.WriteFile(spec.Record, nil, 0o600); err != nil {
		return nil, fmt.Errorf("%s: cannot write the process record: %w", spec.Name, err)
	}
	args := append([]string{"-c", becomeService, spec.Record, program}, spec.Argv[1:]...)
	// Not under the caller's context: a service outlives the request that starts it.
	cmd := exec.CommandContext(context.Background(), "/bin/sh", args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	p := &Process{name: spec.Name, pid: cmd.Process.Pid, done: make(chan struct{})}
	p.signal = func(sig syscall.Signal) error { return syscall.Kill(-p.pid, sig) }
	go p.wait(cmd, spec.Record)
	return p, nil
}

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// wait blocks until the service has ended, sweeps what is left of its group, and
// reaps it. The order matters: until the leader is reaped its pid, and with it the
// number of the group, cannot be handed out again.
func (p *Process) wait(cmd *exec.Cmd, record string) {
	for {
		err := unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.signal(syscall.SIGKILL) // fails, as usual, when the leader was alone
	p.err = cmd.Wait()
	p.ended = true
	_ = os.Remove(record) // a record without a process is harmless, see FindLeftover
	close(p.done)
}

// PID is the process id, which for a child is also the id of its group.
func (p *Process) PID() int { return p.pid }

// Done is closed when the process has ended and is reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended: nil for exit status 0 and while it still runs.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Signal sends sig to the whole group. It returns os.ErrProcessDone once the process has
// ended.
func (p *Process) Signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return os.ErrProcessDone
	}
	if err := p.signal(sig); err != nil {
		return fmt.Errorf("%s: cannot send %s to pid %d: %w", p.name, unix.SignalName(sig), p.pid, err)
	}
	return nil
}

// Stop ends the process: SIGTERM, and SIGKILL once grace has passed or ctx is done.
// It returns when the process is gone and says whether force was needed.
func (p *Process) Stop(ctx context.Context, grace time.Duration) (forced bool) {
	if p.Signal(syscall.SIGTERM) != nil {
		return false // already ended
	}
	// A process stopped with SIGSTOP handles SIGTERM only after SIGCONT.
	_ = p.Signal(syscall.SIGCONT)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return false
	case <-timer.C:
	case <-ctx.Done():
	}
	_ = p.Signal(syscall.SIGKILL) // fails only if it has ended
	<-p.done
	return true
}
