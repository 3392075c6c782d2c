package api

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Loop is how the feedback loop stands.
type Loop struct {
	// Queued and Working count episodes that wait for their turn and that are under
	// way; Announcing those that are done but for telling somebody.
	Queued     int `json:"queued"`
	Working    int `json:"working"`
	Announcing int `json:"announcing"`
	// Paused are the parts that somebody stopped.
	Paused []Part `json:"paused"`
	// ProfilesLeft is how many profiles may still be taken today without anyone's
	// asking; nil when none are taken on alerts.
	ProfilesLeft *int `json:"profiles_left,omitempty"`
}

// Trend is where a signal is heading, as of the last look at it. A nil pointer is
// an unknown value.
type Trend struct {
	Rule string `json:"rule"`
	// Job, Vertex and Process are whose signal it is; empty ones don't apply.
	Job     string `json:"job,omitempty"`
	Vertex  string `json:"vertex,omitempty"`
	Process string `json:"process,omitempty"`
	// Unit is that of Level and Limit: "seconds" or "bytes".
	Unit string `json:"unit"`
	// Samples is how many points the line goes through.
	Samples int `json:"samples"`
	// Level is the line's value now, SlopePerSecond its change.
	Level          *float64 `json:"level,omitempty"`
	SlopePerSecond *float64 `json:"slope_per_second,omitempty"`
	Limit          *float64 `json:"limit,omitempty"`
	// Breach is nil when nothing points at the limit.
	Breach *Breach `json:"breach,omitempty"`
	Firing bool    `json:"firing"`
	// Since is when it began to fire; zero when it doesn't.
	Since time.Time `json:"since,omitzero"`
	// Summary is the trend in a sentence; empty when there is no breach in sight.
	Summary string `json:"summary,omitempty"`
	// Unknown says why nothing can be said of it; empty when something can.
	Unknown string `json:"unknown,omitempty"`
}

// Breach is when the line will pass the limit, in seconds from the status: by the
// line itself, and at the edges of its interval. HighSeconds is nil when the limit
// may never be passed.
type Breach struct {
	PointSeconds float64  `json:"point_seconds"`
	LowSeconds   float64  `json:"low_seconds"`
	HighSeconds  *float64 `json:"high_seconds,omitempty"`
}

// Part is what can be paused.
type Part string

// The parts that can be paused.
const (
	PartProbe     Part = "probe"     // no synthetic records are sent
	PartProfiling Part = "profiling" // no profiles are taken
	PartLLM       Part = "llm"       // the LLM is asked nothing
)

// Parts are all of them, in the order in which they are listed.
func Parts() []Part { return []Part{PartProbe, PartProfiling, PartLLM} }

// Alerts takes the alerts that people raise.
type Alerts interface {
	// Raise opens an episode, or says why not. An [*Error] keeps its status; any
	// other is a 500.
	Raise(episode.Alert) (Receipt, error)
}

// AlertRequest asks for an episode: somebody wants to know what a job is doing.
type AlertRequest struct {
	// Job is the job's name; empty is the only one that runs.
	Job string `json:"job,omitempty"`
	// Vertex is the id of the vertex to look at; empty is the one that holds the
	// job back.
	Vertex string `json:"vertex,omitempty"`
	// Summary is one sentence on why.
	Summary string `json:"summary,omitempty"`
	// Source is who asks: empty is [episode.FromAPI].
	Source episode.Source `json:"source,omitempty"`
}

// Receipt says what became of an alert.
type Receipt struct {
	// Accepted: an episode was opened for it.
	Accepted bool `json:"accepted"`
	// Episode is the id of that episode or, if the alert was not accepted, of the
	// one that stands for it, if there is one.
	Episode string `json:"episode,omitempty"`
	// Reason says in a word why it was not accepted.
	Reason string `json:"reason,omitempty"`
}

// Brake stops parts of the sidecar and lets them go on.
type Brake interface {
	// Pause stops parts, Resume lets them go on; both remember it beyond a restart.
	Pause(...Part) error
	Resume(...Part) error
	// Paused lists what is stopped, in the order of [Parts].
	Paused() []Part
}

// BrakeRequest names the part to pause or resume; empty is all of them.
type BrakeRequest struct {
	Part Part `json:"part,omitempty"`
}

// BrakeState is what is paused after a request.
type BrakeState struct {
	Paused []Part `json:"paused"`
}
