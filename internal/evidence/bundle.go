package evidence

import (
	"iter"
	"time"
)

// Bundle is the evidence about one job. Every field may be left empty: the
// advice is then about what is known. Numbers that may be unknown are pointers;
// ratios are between 0 and 1.
type Bundle struct {
	// Episode is the id under which the advice will be stored; ids of findings
	// begin with it. Empty is fine for advice that isn't stored.
	Episode      string `json:"episode,omitempty"`
	Cluster      string `json:"cluster,omitempty"`
	Job          string `json:"job,omitempty"`
	FlinkVersion string `json:"flink_version,omitempty"`
	// Alert is a sentence about what set this off, for the LLM and for people.
	Alert string `json:"alert,omitempty"`
	// Bottleneck is the id of the vertex that limits the job, empty when that is
	// not known. It should be one of Vertices.
	Bottleneck string     `json:"bottleneck,omitempty"`
	Vertices   []Vertex   `json:"vertices,omitempty"`
	Processes  []Process  `json:"processes,omitempty"`
	Profiles   []Profile  `json:"profiles,omitempty"`
	Sinks      []SinkRate `json:"sinks,omitempty"`
	// Checkpoints is nil when nothing is known about them.
	Checkpoints *Checkpoints `json:"checkpoints,omitempty"`
	Trends      []Trend      `json:"trends,omitempty"`
	// Metrics are further numbers worth knowing, such as throughput and latency.
	// Rules don't read them; people and the LLM do.
	Metrics []Metric `json:"metrics,omitempty"`
	// Config holds effective settings of job and cluster. Values that look like
	// secrets are masked before they become facts.
	Config map[string]string `json:"config,omitempty"`
	// Prior says what was recommended to this job before and what came of it.
	Prior []Prior `json:"prior,omitempty"`
}

// Profile is one profiler run.
type Profile struct {
	// Name is what the profile is called in warnings: a file or an id.
	Name string `json:"name"`
	// Mode is Flink's: ITIMER, CPU, WALL, ALLOC or LOCK.
	Mode string `json:"mode"`
	// Process is "jobmanager" or the id of a TaskManager, empty if not known.
	Process string `json:"process,omitempty"`
	// Vertex is the vertex that the samples are of, all of them; empty when they are
	// of a process. What limits the job is judged by samples of the bottleneck.
	Vertex string `json:"vertex,omitempty"`
	// Duration is how long was sampled; 0 is not known.
	Duration time.Duration `json:"duration,omitempty"`
	// Stacks yields each distinct stack, root first, with its self samples. The
	// slice may be reused between calls. It is gone through more than once.
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
	// SubtasksOn says how many subtasks run on each process; nil is not known.
	SubtasksOn map[string]int `json:"subtasks_on,omitempty"`
}

// Process is one JVM.
type Process struct {
	ID string `json:"id"`
	// GC is the fraction of wall-clock time spent in garbage collection.
	GC *float64 `json:"gc_ratio,omitempty"`
}

// SinkRate is how a sink hands records out, summed over its subtasks. Flink's
// numRecordsIn of the writer's operator is Records; Requests is whatever counter
// the sink's client has (bulkRequests, numRequests, …).
type SinkRate struct {
	Name     string  `json:"name"`
	Vertex   string  `json:"vertex,omitempty"`
	Subtasks int     `json:"subtasks,omitempty"`
	Records  float64 `json:"records_per_second"`
	Requests float64 `json:"requests_per_second"`
}

// PerRequest is how many records a request carries on average; 0 without requests.
func (s SinkRate) PerRequest() float64 {
	if s.Requests <= 0 {
		return 0
	}
	return s.Records / s.Requests
}

// Checkpoints are means over the recent completed checkpoints, in seconds.
type Checkpoints struct {
	Interval  float64  `json:"interval_seconds"`
	Duration  *float64 `json:"duration_seconds,omitempty"`
	Sync      *float64 `json:"sync_seconds,omitempty"`
	Async     *float64 `json:"async_seconds,omitempty"`
	Alignment *float64 `json:"alignment_seconds,omitempty"`
}

// Trend is a signal and its slope, as the alerts see it.
type Trend struct {
	// Signal is one of the Signal constants for the rules to understand it.
	Signal string `json:"signal"`
	// Subject is the process or vertex it belongs to, empty for the whole job.
	Subject string  `json:"subject,omitempty"`
	Unit    string  `json:"unit"`
	Now     float64 `json:"now"`
	// PerSecond is the slope; PerSecondLow the lower end of its interval.
	PerSecond    float64 `json:"per_second"`
	PerSecondLow float64 `json:"per_second_low"`
	// Breach is the time until Limit is passed; nil when it won't be or when
	// there is no limit.
	Breach *time.Duration `json:"breach,omitempty"`
	Limit  *float64       `json:"limit,omitempty"`
}

// The signals that rules know.
const (
	SignalCheckpointSize     = "checkpoint_size"
	SignalCheckpointDuration = "checkpoint_duration"
	SignalHeapAfterGC        = "heap_after_gc"
)

// Metric is one further number.
type Metric struct {
	// Name is a metric's name, Subject what it belongs to (vertex, process, sink).
	Name    string  `json:"name"`
	Subject string  `json:"subject,omitempty"`
	Value   float64 `json:"value"`
	// Unit is a base unit: seconds, bytes, ratio, records/s, …
	Unit string `json:"unit,omitempty"`
}

// Prior is an earlier recommendation and what came of it.
type Prior struct {
	When     time.Time `json:"when"`
	Category string    `json:"category"`
	Title    string    `json:"title"`
	// Outcome is for example "applied: better, +12 %", "rejected", "open".
	Outcome string `json:"outcome"`
}

// Vertex returns the vertex with that id.
func (b *Bundle) Vertex(id string) (Vertex, bool) {
	for _, v := range b.Vertices {
		if v.ID == id && id != "" {
			return v, true
		}
	}
	return Vertex{}, false
}
