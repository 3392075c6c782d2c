// Package setting holds the two things that every package's configuration
// shares: how a fault is reported, and where it is.
//
// Each stage of the sidecar owns its Config, with its defaults and its
// validation, and cmd/sidecar composes them into one file. A stage knows its
// own keys but not the line they stand on; so a stage reports a fault with the
// path of the key inside its section, and the composer finds the line:
//
//	sidecar.yml:12: probe.interval: 10ms is below 1s (raise it)
package setting

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a configuration.
type Fault struct {
	// Path is the key, with dots between levels and [i] for list items, for
	// example "probe.interval" or "sinks[1].kafka.topic".
	Path string
	// Problem is what is wrong, in lower case, without a full stop.
	Problem string
	// Fix is what to do about it.
	Fix string
}

// Error makes a Fault usable where an error is wanted.
func (f Fault) Error() string {
	return fmt.Sprintf("%s: %s (%s)", f.Path, f.Problem, f.Fix)
}

// Faults is what a validation found; an empty one means the section is sound.
type Faults []Fault

// Add appends a fault at path.
func (f *Faults) Add(path, fix, problem string, args ...any) {
	*f = append(*f, Fault{Path: path, Problem: fmt.Sprintf(problem, args...), Fix: fix})
}

// Under returns the same faults with prefix put before each path, as a
// composer does for the section it found the Config in.
func (f Faults) Under(prefix string) Faults {
	out := make(Faults, 0, len(f))
	for _, fault := range f {
		fault.Path = strings.TrimSuffix(prefix+"."+fault.Path, ".")
		out = append(out, fault)
	}
	return out
}
