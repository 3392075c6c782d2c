package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the CPU time of a process, user and system, of all its threads, ended ones
// included. The id of a process's clock follows from its pid, see clock_getcpuclockid(3).
func cpuTime(pid int) (time.Duration, error) {
	const schedulerClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedulerClock), &ts); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// threadTime is the CPU time of the calling thread, user and system. The caller has locked its
// goroutine to the thread.
func threadTime() (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return 0, fmt.Errorf("CPU time of this thread: %w", err)
	}
	return time.Duration(ts.Nano()), nil
}

// residentBytes is the resident memory of a process.
func residentBytes(pid int) (int64, error) { return statusBytes(pid, "VmRSS") }

// statusBytes is a size in /proc/PID/status.
func statusBytes(pid int, name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	var kilobytes int64
	_, size, _ := strings.Cut(string(text), name+":")
	if _, err := fmt.Sscanf(size, "%d kB", &kilobytes); err != nil {
		return 0, fmt.Errorf("%s of process %d: %w", name, pid, err)
	}
	return kilobytes << 10, nil
}

// load is the machine's load average over one, five and fifteen minutes.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// median is the middle one, the lower of two; of none it is zero.
func median[T cmp.Ordered](values []T) (middle T) {
	if len(values) == 0 {
		return middle
	}
	return slices.Sorted(slices.Values(values))[(len(values)-1)/2]
}
