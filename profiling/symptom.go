package profiling

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Symptom is what is wrong with a job, as far as it selects the most useful mode.
type Symptom string

// The symptoms.
const (
	// Working means that tasks are busy, or that nothing more specific is known.
	Working Symptom = "working"
	// Memory means that memory fills up.
	Memory Symptom = "memory"
	// Waiting means that tasks are backpressured although no task is busy.
	Waiting Symptom = "waiting"
)

// ranked are the modes that show a symptom, the best first. CPU shows the same as
// ITIMER, where the kernel permits it.
func (s Symptom) ranked() []flame.Mode {
	switch s {
	case Memory:
		return []flame.Mode{flame.Alloc, flame.ITIMER}
	case Waiting:
		return []flame.Mode{flame.Wall, flame.Lock}
	default:
		return []flame.Mode{flame.ITIMER}
	}
}

// Modes are the modes to profile in, in this order, of the allowed ones: the best for the
// symptom or, where none of these is allowed, the others.
func (s Symptom) Modes(allowed []flame.Mode) []flame.Mode {
	var chosen []flame.Mode
	for _, mode := range s.ranked() {
		if mode == flame.ITIMER && !slices.Contains(allowed, mode) {
			mode = flame.CPU
		}
		if slices.Contains(allowed, mode) {
			chosen = append(chosen, mode)
		}
	}
	switch {
	case len(chosen) > 0:
		return chosen
	case s != Working:
		return Working.Modes(allowed)
	}
	return allowed[:min(1, len(allowed))]
}
