package snapshot

import (
	"time"
)

// Detail is the work of each subtask of a vertex. Its cost for the JobManager grows with
// the subtasks, so it is read of the bottleneck only, and once a minute.
type Detail struct {
	// Read is the start of the poll that read it.
	Read time.Time
	// Subtasks are in the order of their index.
	Subtasks []Subtask
	// BusySkew and RecordsSkew are the greatest value of any subtask divided by the
	// median: 1 is even. Nil if a subtask's value is not known.
	BusySkew, RecordsSkew *float64
	// Checkpoint is what the last completed checkpoint took here; nil if there is
	// none.
	Checkpoint *VertexCheckpoint
}

// Subtask is one parallel instance of a vertex.
type Subtask struct {
	Index, Attempt int
	TaskManager    string
	// Busy is the share of time it worked, and RecordsRate how many records per second it
	// received, since the detail before; in the first detail since the subtask started.
	// Busy is nil for a subtask with hardly any records.
	Busy, RecordsRate *float64
	// RecordsIn is how many records its present attempt received.
	RecordsIn *float64
}

// Hot is the busiest subtask; ok is false if it is not known.
func (d *Detail) Hot() (hot Subtask, ok bool) {
	for _, s := range d.Subtasks {
		if s.Busy != nil && (!ok || *s.Busy > *hot.Busy) {
			hot, ok = s, true
		}
	}
	return hot, ok
}
