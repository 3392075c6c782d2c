package flame

import (
	"fmt"
	"path"
	"strings"
)

// Mode is the kind of event that a profiler samples, with Flink's name for it.
type Mode string

// The modes of Flink's profiler.
const (
	ITIMER Mode = "ITIMER" // CPU time, by a timer of the process
	CPU    Mode = "CPU"    // CPU time, by the kernel's performance events
	Alloc  Mode = "ALLOC"  // allocations
	Lock   Mode = "LOCK"   // waiting for locks
	Wall   Mode = "WALL"   // all threads, running or not
)

// The modes of the thread samples that Flink takes itself, without a profiler. They
// include threads that do not run.
const (
	Vertex  Mode = "VERTEX"  // the tasks of a vertex, in all processes
	Threads Mode = "THREADS" // all threads of one process, from thread dumps
)

// SeesWaiting reports whether the samples include threads that do not run.
func (m Mode) SeesWaiting() bool { return m == Wall || m == Vertex || m == Threads }

// Modes lists the modes of Flink's profiler.
func Modes() []Mode { return []Mode{ITIMER, CPU, Alloc, Lock, Wall} }

// Judged returns the mode that the advisor uses. Flink's own thread samples count as WALL:
// they are the same kind of samples, only fewer.
func (m Mode) Judged() Mode {
	if m.SeesWaiting() {
		return Wall
	}
	return m
}

// ParseMode returns the mode that text names, in upper or lower case.
func ParseMode(text string) (Mode, error) {
	for _, mode := range Modes() {
		if strings.EqualFold(text, string(mode)) {
			return mode, nil
		}
	}
	return "", fmt.Errorf("%q is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)", text)
}

// ModeOf finds the mode of a page from its title and the name of its file. A title of an
// allocation, lock or wall clock profile decides. async-profiler writes the title "CPU"
// for ITIMER too. So for that title, or without a title, the name of the file decides: it
// contains `_MODE_` (Flink's names) or `-MODE`. Without either, the mode is CPU.
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

// lastNamed finds the last mode in a file's name. The text before it is the name of a
// process, which may contain anything, even the name of a mode.
func lastNamed(file, pattern string) (found Mode, ok bool) {
	last := -1
	for _, mode := range append(Modes(), Threads) {
		if at := strings.LastIndex(file, fmt.Sprintf(pattern, mode)); at > last {
			last, found = at, mode
		}
	}
	return found, last >= 0
}
