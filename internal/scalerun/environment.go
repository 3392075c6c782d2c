package scalerun

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	// SinkFact begins the name of each fact about a sink of a test in its environment.
	SinkFact = "sink_"
	// HardwareFact names the sizes of the TaskManagers. Its parts, such as "4096 MiB memory",
	// are compared by their numbers.
	HardwareFact = "taskmanager_hardware"
)

// Differences lists what differs between two environments of scale tests; none if one is nil. A
// value that only one of them knows is not a difference, because the other may not have been able
// to read it. A sink that only one of them has is one: each test knows all of its sinks.
func Differences(before, now map[string]string) (out []string) {
	whole := hasSinks(before) && hasSinks(now)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		is, known := now[name]
		switch {
		case known && name == HardwareFact:
			out = append(out, otherSizes(before[name], is)...)
		case known && is != before[name]:
			out = append(out, fmt.Sprintf("%s %s → %s", name, before[name], is))
		case !known && whole && strings.HasPrefix(name, SinkFact):
			out = append(out, fmt.Sprintf("%s %s → none", name, before[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, known := before[name]; !known && whole && strings.HasPrefix(name, SinkFact) {
			out = append(out, fmt.Sprintf("%s none → %s", name, now[name]))
		}
	}
	return out
}

func hasSinks(environment map[string]string) bool {
	for name := range environment {
		if strings.HasPrefix(name, SinkFact) {
			return true
		}
	}
	return false
}
