package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
)

// Layout is the data directory of a stack. Everything in it is readable by its owner
// only.
//
//	stack.lock          held by the launcher; its pid
//	stack.json          what runs where, see State; only while the stack is ready
//	control.sock        the launcher takes commands here, see Client
//	run/NAME.pid        identity of a service, see package process; kept after a crash
//	logs/NAME.log       new at each start of the stack
//	flink/ kafka/ elasticsearch/ prometheus/ alertmanager/ grafana-stand-in/
//	                    configuration and data, removed when a stack is started
//	prometheus/{targets,rules}
//	                    for files of other programs, and therefore kept
type Layout struct {
	Dir string // absolute
}

const lockName = "stack.lock"

// wiped is removed when a stack is started, so that every start is alike: Flink has
// forgotten its jobs anyway, and old records would only confuse a new one.
var wiped = []string{"flink", "kafka", "elasticsearch", "prometheus/data", "alertmanager", standin.Name, "logs"}

// NewLayout returns the layout of a directory that need not exist yet.
func NewLayout(dir string) (Layout, error) {
	absolute, err := filepath.Abs(dir)
	return Layout{Dir: absolute}, err
}

// In is a path below the data directory.
func (l Layout) In(parts ...string) string {
	return filepath.Join(append([]string{l.Dir}, parts...)...)
}

// Log is the log of a service.
func (l Layout) Log(service string) string { return l.In("logs", service+".log") }

// Record is the file where a service writes its identity.
func (l Layout) Record(service string) string { return l.In("run", service+".pid") }

// HeldError says that a launcher already uses a data directory.
type HeldError struct {
	Dir string
	PID int // 0 = not known
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("a stack already runs in %s (pid %d); stop it with: local down --dir=%s", e.Dir, e.PID, e.Dir)
}

// Hold reserves the data directory for this launcher until release is called or the
// process ends. The error is a *HeldError when another launcher has it.
func (l Layout) Hold() (release func(), err error) {
	if err := l.mayBeOurs(); err != nil {
		return nil, err
	}
	for _, dir := range []string{l.Dir, l.In("run"), l.In("logs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(l.In(lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = file.Close()
		return nil, &HeldError{Dir: l.Dir, PID: l.holder()}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	text := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if err := errors.Join(file.Truncate(0), writeAt(file, text)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

func writeAt(file *os.File, text []byte) error {
	_, err := file.WriteAt(text, 0)
	return err
}

// holder is the pid in the lock file.
func (l Layout) holder() int {
	text, err := os.ReadFile(l.In(lockName))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// mayBeOurs protects other files named kafka/ or logs/ from Wipe: a directory that no
// launcher has held before must not contain any of them.
func (l Layout) mayBeOurs() error {
	if _, err := os.Stat(l.In(lockName)); err == nil {
		return nil
	}
	for _, name := range wiped {
		if _, err := os.Stat(l.In(name)); err == nil {
			return fmt.Errorf("%s exists, but was not made by this program (choose another --dir)", l.In(name))
		}
	}
	return nil
}

// Wipe removes the data of earlier stacks and makes the directories of a new one. The
// caller holds the directory.
func (l Layout) Wipe() error {
	for _, name := range wiped {
		if err := os.RemoveAll(l.In(name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"logs", "prometheus/targets", "prometheus/rules"} {
		if err := os.MkdirAll(l.In(name), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// Write writes a file below the data directory, and creates the directories above it.
func (l Layout) Write(path, content string) error {
	full := l.In(path)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return err
	}
	return os.WriteFile(full, []byte(content), 0o600)
}

// replace writes a file in one step: a reader finds the old content or the new.
func (l Layout) replace(name string, content []byte) error {
	unfinished := l.In(name + ".tmp")
	if err := os.WriteFile(unfinished, content, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, l.In(name))
}

// Remove removes a file that may not exist.
func (l Layout) Remove(name string) error {
	if err := os.Remove(l.In(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
