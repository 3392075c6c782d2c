package snapshot

// Derived are the values derived from a vertex's metrics. docs/metrics.md has the
// formulas.
type Derived struct {
	// TrueRate is how many records per second the vertex would process if it were
	// busy all the time: its rate divided by the share of time it works. It is
	// the "true processing rate" of DS2 (Kalavri et al., OSDI 2018), by which
	// Flink's autoscaler scales.
	TrueRate *float64
	// SecondsPerRecord is the time a task works for one record.
	SecondsPerRecord *float64
	// Utilization is the share of its true rate that the vertex needs: above 1 it cannot
	// keep up.
	Utilization *float64
	// SourceLag is how many seconds a source needs to read the backlog outside Flink, at
	// its present rate.
	SourceLag *float64
	// WatermarkLag is how many seconds the watermark is behind the JobManager's
	// clock.
	WatermarkLag *float64
}

// Vertex is one chain of operators of a job. A nil pointer is an unknown value.
type Vertex struct {
	ID   string
	Name string
	// Parallelism is how many subtasks the vertex has; 0 is unknown.
	Parallelism int
	// Source is true for a vertex that no other vertex sends records to.
	Source bool
	// Busy, Idle and Backpressured are shares of time over the subtasks.
	Busy, Idle, Backpressured *Share
	// The counts are of the present attempts of all subtasks.
	RecordsIn, RecordsOut, BytesIn, BytesOut *float64
	// The rates are per second, between the last two polls.
	RecordsInRate, RecordsOutRate *float64
	// Pending is how many records wait at the source outside Flink. Nil for a source that
	// does not report it, and until its first record.
	Pending *float64
	// Watermark is the event time that the subtask furthest behind has reached,
	// in seconds of Unix time; nil also if there are no watermarks yet.
	Watermark *float64
	Derived
	// Detail are the subtasks as read at most a minute ago; nil for vertices other than
	// the bottleneck.
	Detail *Detail
}

// Share is a share of time between 0 and 1, over the subtasks of a vertex.
type Share struct{ Mean, Max float64 }
