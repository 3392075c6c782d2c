package snapshot

import (
	"fmt"
	"slices"
)

// Hardware is the size of the machine or container of a TaskManager, and of its memory in bytes.
// The zero value is unknown.
type Hardware struct {
	Cores                 int
	Memory, Heap, Managed int64
}

// String names the size in whole MiB.
func (h Hardware) String() string {
	const mib = 1 << 20
	return fmt.Sprintf("%d cores, %d MiB memory, %d MiB heap, %d MiB managed", h.Cores, h.Memory/mib, h.Heap/mib,
		h.Managed/mib)
}

// Hardware returns the sizes of the TaskManagers, each once and sorted, whatever their number. It is
// nil if that of any is unknown.
func (s State) Hardware() []string {
	var sizes []string
	for _, tm := range s.TaskManagers {
		if tm.Hardware == (Hardware{}) {
			return nil
		}
		sizes = append(sizes, tm.Hardware.String())
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}
