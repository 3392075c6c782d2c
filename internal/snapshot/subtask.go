package snapshot

import (
	"time"
)

// Detail is the work of each subtask of a vertex. Its cost for the JobManager grows with
// the number of subtasks. So it is read only for the busiest vertex, and once a minute.
type Detail struct {
	// Read is the start of the poll that read it.
	Read time.Time
	// Subtasks are in the order of their index.
	Subtasks []Subtask
	// BusySkew and RecordsSkew are the greatest value of a subtask divided by the
	// median: 1 means no skew. They are nil if a subtask's value is unknown.
	BusySkew, RecordsSkew *float64
	// Checkpoint is the vertex's part of the last completed checkpoint; nil if there is
	// none.
	Checkpoint *VertexCheckpoint
}

// Subtask is one parallel instance of a vertex.
type Subtask struct {
	Index, Attempt int
	TaskManager    string
	// Busy is the share of time in which the subtask worked. RecordsRate is the number of
	// records per second that it received. Both cover the time since the previous detail
	// or, in the first detail, since the subtask started. Busy is nil for a subtask with
	// hardly any records.
	Busy, RecordsRate *float64
	// RecordsIn is the number of records that the present attempt received.
	RecordsIn *float64
}

// Hot returns the busiest subtask; ok is false if it is unknown.
func (d *Detail) Hot() (hot Subtask, ok bool) {
	for _, s := range d.Subtasks {
		if s.Busy != nil && (!ok || *s.Busy > *hot.Busy) {
			hot, ok = s, true
		}
	}
	return hot, ok
}
