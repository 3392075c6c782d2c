package profiling

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Symptom is what is wrong with a job, as far as it tells which profile of it says
// most.
type Symptom string

// The symptoms.
const (
	// Working: tasks are busy, or nothing better is known.
	Working Symptom = "working"
	// Memory fills up.
	Memory Symptom = "memory"
	// Waiting: tasks are held back and yet none is busy.
	Waiting Symptom = "waiting"
)

// tellers are the modes that say something of a symptom, the first most. CPU says
// what ITIMER does, where the kernel allows it.
func (s Symptom) tellers() []flame.Mode {
	switch s {
	case Memory:
		return []flame.Mode{flame.Alloc, flame.ITIMER}
	case Waiting:
		return []flame.Mode{flame.Wall, flame.Lock}
	default:
		return []flame.Mode{flame.ITIMER}
	}
}

// Modes are those to profile in, in this order, of the modes that are allowed: what
// says most about the symptom or, where none of that is allowed, what else there is.
func (s Symptom) Modes(allowed []flame.Mode) []flame.Mode {
	var chosen []flame.Mode
	for _, mode := range s.tellers() {
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
