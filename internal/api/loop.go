package api

import (
	"time"
)

// Loop is how the feedback loop stands.
type Loop struct {
	// Queued counts the episodes that wait for a worker, Working those in progress,
	// Announcing those that wait for their announcement only.
	Queued     int `json:"queued"`
	Working    int `json:"working"`
	Announcing int `json:"announcing"`
	// Paused are the paused parts.
	Paused []Part `json:"paused"`
	// ProfilesLeft is how many automatic profiles are left in the last 24 hours; nil when
	// none are taken on alerts.
	ProfilesLeft *int `json:"profiles_left,omitempty"`
}

// Trend is the trend of a signal at the last evaluation. A nil pointer is an unknown value.
type Trend struct {
	Rule string `json:"rule"`
	// Cluster, Job, Vertex and Process are whose signal it is; empty ones don't
	// apply.
	Cluster string `json:"cluster,omitempty"`
	Job     string `json:"job,omitempty"`
	Vertex  string `json:"vertex,omitempty"`
	Process string `json:"process,omitempty"`
	// State is one of: unknown, settling, falling, steady, rising, predicted, above, firing,
	// ending. Until is when it ends if nothing else changes; zero where nothing ends it.
	State string    `json:"state"`
	Until time.Time `json:"until,omitzero"`
	// Unit is that of Level and Limit: "seconds", "bytes", "ratio", "count", "records" or
	// "records per second".
	Unit string `json:"unit"`
	// Samples is how many points the line goes through.
	Samples int `json:"samples"`
	// Level is what was measured last; AtLeast says that it is a lower bound, of
	// something still in progress.
	Level   *float64 `json:"level,omitempty"`
	AtLeast bool     `json:"at_least,omitempty"`
	// SlopePerSecond is the change of the line, absent unless it is significant.
	SlopePerSecond *float64 `json:"slope_per_second,omitempty"`
	// Ahead is where the signal is expected at the horizon of the rule; absent without a slope.
	Ahead *Ahead   `json:"ahead,omitempty"`
	Limit *float64 `json:"limit,omitempty"`
	// Below is true if the trouble is a value below the limit: then the state "above" means
	// below.
	Below bool `json:"below,omitempty"`
	// Breach is nil when nothing points at the limit; 0 when Level is above it.
	Breach *Breach `json:"breach,omitempty"`
	Firing bool    `json:"firing"`
	// Since is when it began to fire; zero when it doesn't.
	Since time.Time `json:"since,omitzero"`
	// Summary is the trend in a sentence; empty when there is no breach in sight.
	Summary string `json:"summary,omitempty"`
	// Unknown says why nothing can be said of it; empty when something can.
	Unknown string `json:"unknown,omitempty"`
}

// Ahead is the value of the line in so many seconds, and its prediction interval.
type Ahead struct {
	InSeconds float64 `json:"in_seconds"`
	Low       float64 `json:"low"`
	Value     float64 `json:"value"`
	High      float64 `json:"high"`
}

// Breach is when the line will pass the limit, in seconds from the status: by the
// line itself, and at the edges of its interval. HighSeconds is nil when the limit
// may never be passed.
type Breach struct {
	PointSeconds float64  `json:"point_seconds"`
	LowSeconds   float64  `json:"low_seconds"`
	HighSeconds  *float64 `json:"high_seconds,omitempty"`
}
