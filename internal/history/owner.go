package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/internal/wholefile"
)

// Owner is the content of FILE.owner: the process that has the history open.
type Owner struct {
	// URL is the address of its HTTP API, for example "http://127.0.0.1:9418".
	URL string `json:"url"`
	PID int    `json:"pid"`
	// Started distinguishes the process from a later one with the same pid: boot id and
	// start time, empty on systems without /proc.
	Started string `json:"started,omitempty"`
}

// ownerLimit is larger than any owner file, in bytes.
const ownerLimit = 64 << 10

// Announce writes the owner file, so that other processes find this one at url. It does
// nothing for a history in memory, which has no file.
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
	if err := wholefile.Write(ownerPath(s.path), func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	}); err != nil {
		return fmt.Errorf("history: owner file: %w", err)
	}
	return nil
}

// FindOwner returns the process that announced itself for the history at path. It
// returns false if there is none or it no longer runs.
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

// processStart returns the boot id and the start of a process in clock ticks since
// boot; "" if the system does not provide them.
func processStart(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is the program's name in parentheses and may contain any
	// character; the start is field 22.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" {
		return "ended" // a zombie: its parent has not read its exit status
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[19]
}
