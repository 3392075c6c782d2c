// Package setting reports faults in a configuration by the path of the key.
//
// Each stage of the sidecar owns its Config, with defaults and validation. cmd/sidecar
// composes the Configs into one file. A stage knows its keys but not their lines in the
// file. So a stage reports a fault with the path of the key inside its section, and
// cmd/sidecar adds the line:
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

// Error returns the path, the problem and the fix in one line.
func (f Fault) Error() string {
	return fmt.Sprintf("%s: %s (%s)", f.Path, f.Problem, f.Fix)
}

// Faults are the faults that a validation found; empty means that the section is valid.
type Faults []Fault

// Add appends a fault at path. problem is a format for args.
func (f *Faults) Add(path, fix, problem string, args ...any) {
	*f = append(*f, Fault{Path: path, Problem: fmt.Sprintf(problem, args...), Fix: fix})
}

// Under returns the faults with the prefix before each path. The prefix is the section that
// contains the Config.
func (f Faults) Under(prefix string) Faults {
	out := make(Faults, 0, len(f))
	for _, fault := range f {
		fault.Path = strings.TrimSuffix(prefix+"."+fault.Path, ".")
		out = append(out, fault)
	}
	return out
}
