package api

import "time"

// Trouble is something that is wrong now.
type Trouble struct {
	// Kind is one word of a fixed list, as in flink_sidecar_trouble: job-stands,
	// restart-loop, taskmanager-gone, checkpoints-failing, probe-records-missing,
	// checkpoint-slow or target-down.
	Kind string `json:"kind"`
	// Rule names the trouble in its episode: the kind or, for a target, for example
	// "kafka-down".
	Rule string `json:"rule"`
	// Cluster and Job are empty where it concerns none, or several.
	Cluster string `json:"cluster,omitempty"`
	Job     string `json:"job,omitempty"`
	// Subject is what is in trouble: TaskManagers, a vertex, a target, sinks; empty is
	// the job.
	Subject string    `json:"subject,omitempty"`
	Since   time.Time `json:"since"`
	// What names it in a few words. Seen is a sentence on what is seen, Do one on what to
	// do.
	What string `json:"what"`
	Seen string `json:"seen"`
	Do   string `json:"do"`
}
