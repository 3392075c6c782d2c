package snapshot

import "time"

// ReadOffsets tell how far the source of a job has read a Kafka topic.
type ReadOffsets struct {
	// Last is the offset of the last record that was read of each partition. A partition of
	// which nothing was read since the job started is absent.
	Last map[int32]int64
	// At is when Flink had answered: the records up to Last were read before it.
	At time.Time
	// Age is the most by which the answer was older than At, if every TaskManager answers
	// Flink within a poll interval: Flink answers from a store. A record after Last was then not
	// read before At minus Age. 0 is unknown.
	Age time.Duration
}
