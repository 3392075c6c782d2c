package api

import (
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// MaxText is the maximum size of each text of an [AlertRequest], in bytes.
const MaxText = 512

// AlertRequest asks for an episode about a job.
type AlertRequest struct {
	// Cluster is the name of the job's cluster. It may be empty where there is only
	// one, or if only one of them has such a job.
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name; empty is the only one that runs.
	Job string `json:"job,omitempty"`
	// Vertex is the id of the vertex to examine; empty is the busiest one.
	Vertex string `json:"vertex,omitempty"`
	// Summary is one sentence on why.
	Summary string `json:"summary,omitempty"`
	// Source is the kind of the sender: empty is [episode.FromAPI].
	Source episode.Source `json:"source,omitempty"`
	// ScaleTest is set by a scale test, whose episode this is.
	ScaleTest *episode.ScaleRequest `json:"scale_test,omitempty"`
}

// Receipt says what became of an alert.
type Receipt struct {
	// Accepted: an episode was opened for it.
	Accepted bool `json:"accepted"`
	// Episode is the id of that episode or, if the alert was not accepted, of the
	// existing episode about the same, if there is one.
	Episode string `json:"episode,omitempty"`
	// Reason says in a word why it was not accepted.
	Reason string `json:"reason,omitempty"`
}
