package flame

import (
	"fmt"
	"path"
	"strings"
)

// Mode is what a profiler sampled, by Flink's names.
type Mode string

// The modes of Flink's profiler.
const (
	ITIMER Mode = "ITIMER" // CPU time, by a timer of the process
	CPU    Mode = "CPU"    // CPU time, by the kernel's performance events
	Alloc  Mode = "ALLOC"  // allocations
	Lock   Mode = "LOCK"   // waiting for locks
	Wall   Mode = "WALL"   // all threads, running or not
)

// The modes of samples that Flink takes itself, without a profiler in its processes:
// of all threads of some kind, running or not.
const (
	Vertex  Mode = "VERTEX"  // of the tasks of a vertex, wherever they run
	Threads Mode = "THREADS" // of a process, from thread dumps
)

// SeesWaiting reports whether samples are also of threads that don't run.
func (m Mode) SeesWaiting() bool { return m == Wall || m == Vertex || m == Threads }

// Modes lists the modes of Flink's profiler.
func Modes() []Mode { return []Mode{ITIMER, CPU, Alloc, Lock, Wall} }

// ParseMode returns the mode that text names, in upper or lower case.
func ParseMode(text string) (Mode, error) {
	for _, mode := range Modes() {
		if strings.EqualFold(text, string(mode)) {
			return mode, nil
		}
	}
	return "", fmt.Errorf("%q is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)", text)
}

// ModeOf tells the mode of a page by its title and the name of its file. The
// title decides where it can; it says CPU for ITIMER too, so there, and where it
// is missing, the file's name does: `_MODE_`, which is how Flink names them, or
// `-MODE`. Otherwise it is CPU.
func ModeOf(title, file string) Mode {
	switch {
	case strings.Contains(title, "Allocation"):
		return Alloc
	case strings.Contains(title, "Lock"):
		return Lock
	case strings.Contains(title, "Wall clock"):
		return Wall
	}
	file = path.Base(strings.ReplaceAll(file, `\`, "/"))
	for _, pattern := range []string{"_%s_", "-%s"} {
		if mode, ok := lastNamed(file, pattern); ok {
			return mode
		}
	}
	return CPU
}

// lastNamed finds the mode that stands last in a file's name: what comes before
// it is the name of a process, which may hold anything.
func lastNamed(file, pattern string) (found Mode, ok bool) {
	last := -1
	for _, mode := range append(Modes(), Threads) {
		if at := strings.LastIndex(file, fmt.Sprintf(pattern, mode)); at > last {
			last, found = at, mode
		}
	}
	return found, last >= 0
}
