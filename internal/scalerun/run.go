package scalerun

import "github.com/flink-sidecar/flink-sidecar/internal/episode"

// Run is a run of scale tests in a list.
type Run struct {
	Run     string `json:"run"`
	Job     string `json:"job"`
	Cluster string `json:"cluster"`
	// Newest is the id of its newest test. Leading is that of its newest test that [Test.Leads], and
	// Search that of its newest test that looked for the sustainable rate; both are empty if there is
	// none.
	Newest  string `json:"newest"`
	Leading string `json:"leading,omitempty"`
	Search  string `json:"search,omitempty"`
}

// JobRef names the job that was tested.
func (r Run) JobRef() episode.JobRef { return episode.JobRef{Cluster: r.Cluster, Job: r.Job} }
