package evidence

import (
	"iter"
	"time"
)

// Bundle is the evidence about one job. Every field may be empty: the advisor uses the
// fields that are known. Numbers that may be unknown are pointers. Ratios are between 0
// and 1.
type Bundle struct {
	// Episode is the id of the episode that stores the advice; ids of findings begin
	// with it. It is empty for advice that is not stored.
	Episode      string `json:"episode,omitempty"`
	Cluster      string `json:"cluster,omitempty"`
	Job          string `json:"job,omitempty"`
	FlinkVersion string `json:"flink_version,omitempty"`
	// Alert describes the alert in one sentence, for the LLM and for people.
	Alert string `json:"alert,omitempty"`
	// Bottleneck is the id of the vertex that limits the job or, while none does, of the
	// busiest one; empty if unknown. It should be in Vertices.
	Bottleneck string   `json:"bottleneck,omitempty"`
	Vertices   []Vertex `json:"vertices,omitempty"`
	// FreeSlots is how many slots of the cluster no task uses; nil is unknown.
	FreeSlots *int       `json:"free_slots,omitempty"`
	Processes []Process  `json:"processes,omitempty"`
	Profiles  []Profile  `json:"profiles,omitempty"`
	Sinks     []SinkRate `json:"sinks,omitempty"`
	// Checkpoints is nil if unknown.
	Checkpoints *Checkpoints `json:"checkpoints,omitempty"`
	Trends      []Trend      `json:"trends,omitempty"`
	// Metrics are further numbers, such as throughput and latency, for people and the
	// LLM. Rules do not use them.
	Metrics []Metric `json:"metrics,omitempty"`
	// Config holds effective settings of the job and the cluster. Values that look like
	// secrets are masked before they become facts.
	Config map[string]string `json:"config,omitempty"`
	// Exception is the cause of the first failure in the job's present series of restarts, in
	// one line; empty if there is none or it is unknown.
	Exception string `json:"exception,omitempty"`
	// Prior are the earlier recommendations for this job and their outcomes.
	Prior []Prior `json:"prior,omitempty"`
	// Sources are the code of hot frames. SourcesSearched is set if it was looked for, also if
	// none was found.
	Sources         []Source `json:"sources,omitempty"`
	SourcesSearched bool     `json:"sources_searched,omitempty"`
	// Warnings say what is missing here, Observations what a comparison with other profiles
	// shows. The advice has both, before its own.
	Warnings     []string `json:"warnings,omitempty"`
	Observations []string `json:"observations,omitempty"`
}

// Profile is one profiler run.
type Profile struct {
	// Name is the profile's name in warnings: a file or an id.
	Name string `json:"name"`
	// Mode is Flink's name of the mode: ITIMER, CPU, WALL, ALLOC or LOCK.
	Mode string `json:"mode"`
	// Process is "jobmanager" or the id of a TaskManager; empty if unknown.
	Process string `json:"process,omitempty"`
	// Vertex is set if all samples are of one vertex; empty if they are of a process.
	// The limit of the job is judged by samples of the bottleneck.
	Vertex string `json:"vertex,omitempty"`
	// Duration is the length of the profile; 0 is unknown.
	Duration time.Duration `json:"duration,omitempty"`
	// Stacks yields each distinct stack, root first, with its self samples. It may reuse
	// the slice. The advisor iterates more than once.
	Stacks iter.Seq2[[]string, int64] `json:"-"`
}

// Vertex is one vertex of the job. Ratios are means over its subtasks.
type Vertex struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Parallelism   int      `json:"parallelism,omitempty"`
	Busy          *float64 `json:"busy_ratio,omitempty"`
	BusyMax       *float64 `json:"busy_ratio_max,omitempty"`
	Backpressured *float64 `json:"backpressured_ratio,omitempty"`
	// SubtasksOn is the number of subtasks by process; nil is unknown.
	SubtasksOn map[string]int `json:"subtasks_on,omitempty"`
	// Partitions is how many partitions of Kafka a source reads; 0 is unknown.
	Partitions int `json:"partitions,omitempty"`
	// MaxParallelism is the number of key groups, which the subtasks share; 0 is unknown.
	MaxParallelism int `json:"max_parallelism,omitempty"`
	// Keyed tells whether the vertex gets records by their key; nil is unknown.
	Keyed *bool `json:"keyed,omitempty"`
	// HotRecords is how many times as many records as the mean the busiest subtask receives; nil
	// is unknown.
	HotRecords *float64 `json:"hot_records_ratio,omitempty"`
}

// KeyGroupSkew is how many times as many key groups as the mean a subtask has that has most of them: 1
// is even. It is 0 if it is not known.
func (v Vertex) KeyGroupSkew() float64 {
	if v.Parallelism < 1 || v.MaxParallelism < v.Parallelism {
		return 0
	}
	most := (v.MaxParallelism + v.Parallelism - 1) / v.Parallelism
	return float64(most) * float64(v.Parallelism) / float64(v.MaxParallelism)
}

// Process is one JVM.
type Process struct {
	ID string `json:"id"`
	// GC is the fraction of wall-clock time spent in garbage collection.
	GC *float64 `json:"gc_ratio,omitempty"`
}

// SinkRate has the rates of a sink per second, summed over its subtasks. Records comes from
// Flink's numRecordsIn of the writer's operator. Requests comes from a counter of the
// sink's client (bulkRequests, numRequests, …).
type SinkRate struct {
	Name     string  `json:"name"`
	Vertex   string  `json:"vertex,omitempty"`
	Subtasks int     `json:"subtasks,omitempty"`
	Records  float64 `json:"records_per_second"`
	Requests float64 `json:"requests_per_second"`
}

// PerRequest returns the mean number of records in a request; 0 without requests.
func (s SinkRate) PerRequest() float64 {
	if s.Requests <= 0 {
		return 0
	}
	return s.Records / s.Requests
}

// Checkpoints are the recent completed checkpoints of a job. Times are in seconds and sizes in
// bytes; nil is unknown.
type Checkpoints struct {
	Interval float64  `json:"interval_seconds"`
	Timeout  *float64 `json:"timeout_seconds,omitempty"`
	// MinPause is the least time between two checkpoints; nil if the job has none.
	MinPause *float64 `json:"min_pause_seconds,omitempty"`
	// Unaligned tells whether barriers overtake records.
	Unaligned *bool `json:"unaligned,omitempty"`
	// Of is the number of checkpoints in the means, at most ten; 0 is unknown.
	Of int `json:"of,omitempty"`
	// Duration is from the trigger to the last acknowledgement: the mean, and the greatest.
	Duration    *float64 `json:"duration_seconds,omitempty"`
	DurationMax *float64 `json:"duration_max_seconds,omitempty"`
	// Sync and Alignment are those of a subtask of the bottleneck: the mean over its subtasks
	// and the checkpoints, and the greatest.
	Sync         *float64 `json:"sync_seconds,omitempty"`
	SyncMax      *float64 `json:"sync_max_seconds,omitempty"`
	Alignment    *float64 `json:"alignment_seconds,omitempty"`
	AlignmentMax *float64 `json:"alignment_max_seconds,omitempty"`
	// Async is the longest asynchronous part of a subtask in a checkpoint, at the vertex where
	// it was the longest in the last checkpoint: the mean over the checkpoints, and the greatest.
	Async    *float64 `json:"async_seconds,omitempty"`
	AsyncMax *float64 `json:"async_max_seconds,omitempty"`
	// Written is what a checkpoint writes: less than State if checkpoints are incremental.
	Written    *float64 `json:"written_bytes,omitempty"`
	WrittenMax *float64 `json:"written_max_bytes,omitempty"`
	// State is the whole state at the last of them.
	State *float64 `json:"state_bytes,omitempty"`
	// Completed and Failed count since the JobManager started to run the job.
	Completed *int `json:"completed,omitempty"`
	Failed    *int `json:"failed,omitempty"`
	// FailedInARow is how many failed since the last one that completed.
	FailedInARow *int `json:"failed_in_a_row,omitempty"`
	// LastFailure is Flink's reason of the last failure.
	LastFailure string `json:"last_failure,omitempty"`
}

// Trend is a signal and its slope, as the alerts compute it.
type Trend struct {
	// Signal is one of the Signal constants; rules ignore any other value.
	Signal string `json:"signal"`
	// Subject is the process or vertex of the signal; empty for the whole job.
	Subject string  `json:"subject,omitempty"`
	Unit    string  `json:"unit"`
	Now     float64 `json:"now"`
	// PerSecond is the slope, PerSecondLow the lower end of its interval; 0 if the slope is
	// not significant.
	PerSecond    float64 `json:"per_second"`
	PerSecondLow float64 `json:"per_second_low"`
	// Breach is the time until the signal passes Limit; nil if no breach is predicted or
	// there is no limit.
	Breach *time.Duration `json:"-"` // a file has it in seconds
	Limit  *float64       `json:"limit,omitempty"`
	// AtLeast is true if Now is a lower bound: what it measures is still in progress.
	AtLeast bool `json:"at_least,omitempty"`
	// Fired is true if an alert of the episode is about this trend.
	Fired bool `json:"fired,omitempty"`
}

// Above reports whether the signal is above its limit.
func (t Trend) Above() bool { return t.Limit != nil && t.Now >= *t.Limit }

// The signals that rules know.
const (
	SignalCheckpointSize     = "checkpoint_size"
	SignalCheckpointDuration = "checkpoint_duration"
	SignalHeapAfterGC        = "heap_after_gc"
	SignalMetaspace          = "metaspace"
	SignalDirectMemory       = "direct_memory"
	SignalFileDescriptors    = "number_of_open_files"
	SignalSourceLag          = "source_lag"
	SignalPendingRecords     = "backlog"
)

// Metric is one further number.
type Metric struct {
	// Name is the metric's name, Subject the vertex, process or sink of the metric.
	Name    string  `json:"name"`
	Subject string  `json:"subject,omitempty"`
	Value   float64 `json:"value"`
	// Unit is a base unit: seconds, bytes, ratio, records/s, …
	Unit string `json:"unit,omitempty"`
}

// Prior is an earlier recommendation and its outcome.
type Prior struct {
	When time.Time `json:"when"`
	// Episode is the id of its episode; empty if unknown.
	Episode  string `json:"episode,omitempty"`
	Category string `json:"category"`
	Title    string `json:"title"`
	// Outcome is a sentence that begins with "applied on", "rejected on", "open", "unknown" or
	// "the job has changed". Applied and rejected is what people said of it.
	Outcome string `json:"outcome"`
}

// Source is a method of the job in its source code.
type Source struct {
	// Frame is the frame that led to it, with dots.
	Frame string `json:"frame"`
	// File is relative to its root, with slashes. Line is that of the first line, from 1.
	File string `json:"file"`
	Line int    `json:"line"`
	// Code has some lines, with secrets masked. It comes from outside: escape it.
	Code string `json:"code"`
}

// Vertex returns the vertex with that id; ok is false if there is none.
func (b *Bundle) Vertex(id string) (Vertex, bool) {
	for _, v := range b.Vertices {
		if v.ID == id && id != "" {
			return v, true
		}
	}
	return Vertex{}, false
}
