package signal

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// The metrics that list what Flink knows, also while no other metric of it is known.
const (
	stateMetric = "flink_job_state"
	slotsMetric = "flink_tm_slots"
)

// overStates are those of a job that does not run any more.
var overStates = []string{snapshot.Gone, "FINISHED", "CANCELED", "FAILED"}

// Living returns the job or the TaskManager that a series shows to be known to Flink. ended is true
// where the series says that the job is over. ok is false for a series that says neither:
// flink_job_info stays on the page of a job that is over.
func Living(s Series) (of snapshot.Labels, ended, ok bool) {
	of = snapshot.Labels{Cluster: s.Labels["cluster"], Job: s.Labels["job"], Process: s.Labels["taskmanager"]}
	if of.Cluster == "" || s.Name == infoMetric || !needed[s.Name] || of.Job == "" && of.Process == "" {
		return snapshot.Labels{}, false, false
	}
	if of.Process != "" {
		of.Job = "" // that of the scrape
	}
	return of, s.Name == stateMetric && slices.Contains(overStates, s.Labels["state"]), true
}
