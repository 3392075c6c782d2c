package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// Identity identifies one process permanently. The kernel reuses pids, but within one
// boot never the same pid with the same start time.
type Identity struct {
	PID       int
	StartTime uint64 // clock ticks between boot and start: field 22 of proc_pid_stat(5)
	Boot      string // /proc/sys/kernel/random/boot_id
}

// Identify returns the identity of a live process.
func Identify(pid int) (Identity, error) {
	boot, err := os.ReadFile(bootIDFile)
	if err != nil {
		return Identity{}, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Identity{}, err
	}
	return parseRecord(strings.TrimSpace(string(boot)) + " " + string(stat))
}

// Alive reports whether this very process still runs. A zombie does not: it has
// ended and only waits for its parent.
func (id Identity) Alive() bool {
	now, err := Identify(id.PID)
	if err != nil || now != id {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id.PID))
	if err != nil {
		return false
	}
	fields, err := afterComm(string(stat))
	return err == nil && fields[0] != "Z" && fields[0] != "X"
}

// ReadRecord reads what a child wrote about itself. ok is false when there is no record,
// or an empty one: the launcher that created the file ended before the child could write,
// and then there is no service either.
func ReadRecord(path string) (id Identity, ok bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(text) == 0) {
		return Identity{}, false, nil
	}
	if err != nil {
		return Identity{}, false, err
	}
	id, err = parseRecord(string(text))
	if err != nil {
		return Identity{}, false, fmt.Errorf("%s: %w", path, err)
	}
	return id, true, nil
}

// parseRecord reads "BOOT PID (COMM) STATE PPID …": the boot id and a line of
// /proc/PID/stat.
func parseRecord(text string) (Identity, error) {
	boot, stat, _ := strings.Cut(text, " ")
	pidText, _, _ := strings.Cut(stat, " ")
	pid, err := strconv.Atoi(pidText)
	if err != nil || pid <= 1 {
		return Identity{}, fmt.Errorf("not a process record: %.80q", text)
	}
	fields, err := afterComm(stat)
	if err != nil {
		return Identity{}, err
	}
	// proc_pid_stat(5) counts from 1 and fields starts at the third.
	started, err := strconv.ParseUint(fields[22-3], 10, 64)
	if err != nil {
		return Identity{}, fmt.Errorf("not a process record: %.80q", text)
	}
	return Identity{PID: pid, StartTime: started, Boot: boot}, nil
}

// afterComm splits a line of /proc/PID/stat from its third field on. The second is
// the command in parentheses, which may hold spaces and parentheses itself: the
// last ')' ends it.
func afterComm(stat string) ([]string, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return nil, fmt.Errorf("not a line of /proc/PID/stat: %.80q", stat)
	}
	return fields, nil
}
