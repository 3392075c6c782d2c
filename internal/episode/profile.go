package episode

import "time"

// Profile is the reference to one profiler run and a summary of it. The samples
// themselves are a file beside the history, named by Hash.
type Profile struct {
	// ID is a ULID, sorted by Taken.
	ID string `json:"id"`
	// Mode is Flink's name of the profiling mode: ITIMER, CPU, ALLOC, LOCK, WALL; or
	// VERTEX for Flink's own flame graph of one vertex and THREADS for thread dumps of
	// a process, which are both made of thread samples on and off the CPU.
	Mode string `json:"mode"`
	// Process is "jobmanager" or the id of a TaskManager; empty for VERTEX, whose
	// samples come from every process that runs the vertex.
	Process string `json:"process"`
	// Role is Hot or Control where two processes were profiled to compare them; empty
	// otherwise.
	Role Role `json:"role,omitempty"`
	// Vertex is the id of the vertex of a VERTEX profile, VertexName its name at that
	// time; empty otherwise.
	Vertex     string `json:"vertex,omitempty"`
	VertexName string `json:"vertex_name,omitempty"`
	// Subtask is the index of the subtask of a VERTEX profile; nil means all of them.
	Subtask *int      `json:"subtask,omitempty"`
	Taken   time.Time `json:"taken"`
	// Duration is the sampled time, in nanoseconds.
	Duration time.Duration `json:"duration"`
	// Samples is the total of the tree.
	Samples int64 `json:"samples"`
	// Hash is the SHA-256 of the page as Flink delivered it, of THREADS of the
	// collapsed stacks, in hex.
	Hash string `json:"hash"`
	// ThroughputBefore and ThroughputDuring are how many records per second the job's
	// sources read in the minute before the run, and during it; nil means not known.
	ThroughputBefore *float64 `json:"throughput_before,omitempty"`
	ThroughputDuring *float64 `json:"throughput_during,omitempty"`
	// Hot lists the frames with most self samples, the hottest first.
	Hot []HotFrame `json:"hot,omitempty"`
	// Grade is the quality of the profile: good, poor or bad; empty in profiles from
	// before grades existed. Warnings has the reasons for poor and bad.
	Grade string `json:"grade,omitempty"`
	// Warnings are doubts about the profile, each a sentence.
	Warnings []string `json:"warnings,omitempty"`
}

// HasFlameGraph reports whether the page is a flame graph that a browser shows. Samples of
// threads are stored as data.
func (p Profile) HasFlameGraph() bool { return p.Mode != "VERTEX" && p.Mode != "THREADS" }

// Role is the part of a profile in a comparison.
type Role string

// The roles: the process that the episode is about, and one with typical load.
const (
	Hot     Role = "hot"
	Control Role = "control"
)

// HotFrame is the share of one frame in a profile. Counts are samples; Total counts a
// frame once per stack even when it recurs.
type HotFrame struct {
	Name  string `json:"name"`
	Self  int64  `json:"self"`
	Total int64  `json:"total"`
}
