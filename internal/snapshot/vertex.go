package snapshot

// Derived are the values derived from a vertex's metrics. docs/metrics.md has the
// formulas.
type Derived struct {
	// TrueRate is the number of records per second that the vertex would process if all
	// its subtasks were busy all the time: its rate divided by their mean busy share. It
	// is the "true processing rate" of DS2 (Kalavri et al., OSDI 2018), which Flink's
	// autoscaler uses.
	TrueRate *float64
	// SecondsPerRecord is the time in seconds that a task works for one record.
	SecondsPerRecord *float64
	// Utilization is the share of its true rate that the vertex needs for all that
	// arrives. Above 1 it cannot keep up. It is never below the mean busy share.
	Utilization *float64
	// SourceLag is the time in seconds that a source needs to read the backlog outside
	// Flink at its present rate.
	SourceLag *float64
	// RetentionLeft is the time in seconds until the retention of its topic can delete a record
	// that the source has not read; 0 if it has deleted one. Retention is how long the topic
	// keeps a record.
	RetentionLeft, Retention *float64
	// WatermarkLag is the time in seconds by which the watermark is behind the
	// JobManager's clock.
	WatermarkLag *float64
}

// Vertex is one chain of operators of a job. A nil pointer is an unknown value.
type Vertex struct {
	ID   string
	Name string
	// Parallelism is the number of subtasks; 0 is unknown.
	Parallelism int
	// MaxParallelism is the number of key groups; 0 is unknown.
	MaxParallelism int
	// Keyed is true for a vertex that gets records by their key.
	Keyed bool
	// Source is true for a vertex that no other vertex sends records to.
	Source bool
	// Busy, Idle and Backpressured are shares of time over the subtasks.
	Busy, Idle, Backpressured *Share
	// The counts are sums over the present attempts of all subtasks.
	RecordsIn, RecordsOut, BytesIn, BytesOut *float64
	// Inputs are the ids of the vertices that send records to this one.
	Inputs []string
	// The rates are per second, over the same minute as the shares of time or, if the
	// tasks are younger, since they started. What a source receives is what it reads.
	RecordsInRate, RecordsOutRate *float64
	// Pending is the number of records that wait at the source outside Flink. It is nil
	// for a source that does not report it, until the first record, and while the source
	// does not read because it is backpressured: then what it reports is old.
	Pending *float64
	// Blocked is true for a source that reads nothing because it is backpressured.
	Blocked bool
	// Watermark is the event time of the slowest subtask, in seconds of Unix time. It is
	// nil also if there are no watermarks yet.
	Watermark *float64
	Derived
	// Detail has the subtasks, read at most a minute ago; nil for all vertices except the
	// busiest.
	Detail *Detail
}

// Share is a share of time between 0 and 1, over the subtasks of a vertex.
type Share struct{ Mean, Max float64 }
