package app

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow by a half between two collections, not to its double. Most of what a poll and
// a scrape allocate is garbage soon after, and a sidecar has more processor time to spare than memory.
const gcPercent = 50

// keepHeapSmall sets gcPercent, unless the environment has GOGC.
func keepHeapSmall() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
}
