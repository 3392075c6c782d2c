package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Owner is the process that has a history open, as it says in FILE.owner.
type Owner struct {
	// URL is where its HTTP API listens, for example "http://127.0.0.1:9418".
	URL string `json:"url"`
	PID int    `json:"pid"`
	// Started tells the process from a later one with the same pid: boot and time
	// of its start, empty where there is no /proc.
	Started string `json:"started,omitempty"`
}

// ownerLimit is far above what an owner file holds.
const ownerLimit = 64 << 10

// Announce writes the owner file, so that other processes find this one at url. A
// history in memory has no file, and nothing is announced.
func (s *Store) Announce(url string) error {
	if inMemory, _ := s.Memory(); inMemory {
		return nil
	}
	s.mu.Lock()
	s.announced = true
	s.mu.Unlock()
	pid := os.Getpid()
	data, err := json.Marshal(Owner{URL: url, PID: pid, Started: processStart(pid)})
	if err != nil {
		return err
	}
	if err := replaceFile(ownerPath(s.path), append(data, '\n')); err != nil {
		return fmt.Errorf("history: owner file: %w", err)
	}
	return nil
}

// FindOwner returns the process that announced itself for the history at path. It
// is false when there is none, or when the one that did is not running any more.
func FindOwner(path string) (Owner, bool, error) {
	f, err := os.Open(ownerPath(path))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return Owner{}, false, nil
	}
	if err != nil {
		return Owner{}, false, fmt.Errorf("history: owner file: %w", err)
	}
	defer f.Close()
	var o Owner
	if err := json.NewDecoder(io.LimitReader(f, ownerLimit)).Decode(&o); err != nil {
		return Owner{}, false, fmt.Errorf("history: owner file %s can't be read: %w (remove it if no sidecar runs)",
			f.Name(), err)
	}
	if !o.running() {
		return Owner{}, false, nil
	}
	return o, true, nil
}

func (o Owner) running() bool {
	if o.PID <= 0 {
		return false
	}
	if err := syscall.Kill(o.PID, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	started := processStart(o.PID)
	return o.Started == "" || started == "" || o.Started == started // unknown counts as running
}

// withdraw removes the owner file if it is ours.
func (s *Store) withdraw() error {
	s.mu.RLock()
	announced := s.announced
	s.mu.RUnlock()
	if !announced {
		return nil
	}
	o, ok, err := FindOwner(s.path)
	if err != nil || !ok || o.PID != os.Getpid() {
		return err
	}
	return os.Remove(ownerPath(s.path))
}

func ownerPath(path string) string { return path + ".owner" }

// processStart returns the boot id and, in clock ticks since then, the start of a
// process; "" where the system doesn't tell.
func processStart(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is the program's name in parentheses and may hold anything;
	// the start is field 22.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" {
		return "ended" // its parent has not asked yet
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[19]
}

// replaceFile writes data, readable by its owner only, to path in one step: a
// reader sees the old content or the new.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
