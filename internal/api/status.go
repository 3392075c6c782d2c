package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// Checks is the answer of GET /api/v1/checks: what sidecar doctor finds, as the running
// sidecar saw it last.
type Checks struct {
	At     time.Time      `json:"at"`
	Works  bool           `json:"works"` // no check failed
	Checks []check.Result `json:"checks"`
}

// Checks returns what sidecar doctor finds, as the running sidecar saw it last.
func (c *Client) Checks(ctx context.Context) (Checks, error) {
	return get[Checks](ctx, c, "checks", nil)
}

// Status is what the sidecar knows now. A nil pointer is an unknown value.
type Status struct {
	// Version of the sidecar.
	Version string `json:"version"`
	// At is when this status was made, Started when the process began.
	At      time.Time `json:"at"`
	Started time.Time `json:"started"`
	// Cluster is the first of Clusters; nil if none is configured.
	Cluster *Cluster `json:"cluster,omitempty"`
	// Clusters are those that are configured, in that order.
	Clusters []Cluster `json:"clusters"`
	// Targets are the servers that are configured.
	Targets []Target `json:"targets"`
	Jobs    []Job    `json:"jobs"`
	// Troubles are what is wrong now, the most severe first; empty when nothing is.
	Troubles []Trouble `json:"troubles"`
	// Trends are the signals that rules follow.
	Trends []Trend `json:"trends"`
	// Unwatched are the rules that judge nothing on a cluster, and so can't fire there.
	Unwatched []Unwatched `json:"unwatched"`
	Loop      Loop        `json:"loop"`
	// Probe is nil when none is configured.
	Probe *Probe `json:"probe,omitempty"`
	// ScaleTest is the scale test that is under way; nil if there is none.
	ScaleTest *ScaleProgress `json:"scaletest,omitempty"`
	History   History        `json:"history"`
	// Hints say what a configuration would add; empty when nothing is missing.
	Hints []Hint `json:"hints"`
	// Warnings say what is wrong with the sidecar itself; empty when nothing is.
	Warnings []Warning `json:"warnings"`
}

// Warning is something wrong with the sidecar itself.
type Warning struct {
	// What is the problem in a few words.
	What string `json:"what"`
	// Text says more, in a sentence that ends in what to do.
	Text string `json:"text"`
}

// Cluster is the Flink cluster as it was at the last poll.
type Cluster struct {
	Name         string `json:"name"`
	URL          string `json:"url"`
	FlinkVersion string `json:"flink_version,omitempty"`
	TaskManagers *int   `json:"taskmanagers,omitempty"`
	Slots        *int   `json:"slots,omitempty"`
	SlotsFree    *int   `json:"slots_free,omitempty"`
	// Hardware are the sizes of the TaskManagers, each once; absent if that of any is unknown.
	Hardware []string `json:"taskmanager_hardware,omitempty"`
	// Polled is when Flink answered last; zero is never.
	Polled time.Time `json:"polled,omitzero"`
	// MetricsFrozen: Flink answers, but its metrics stand still, as they may for
	// ten minutes after a TaskManager died. They are unknown meanwhile.
	MetricsFrozen bool `json:"metrics_frozen"`
	// Up is whether the last poll got an answer; nil before the first has ended.
	Up *bool `json:"up,omitempty"`
}

// Target is a server that the sidecar talks to.
type Target struct {
	// Name as in flink_sidecar_up, for example "kafka". Every cluster is a target
	// flink of its own.
	Name string `json:"name"`
	// Cluster is which, for a target flink.
	Cluster string `json:"cluster,omitempty"`
	// Address is its configured address, without credentials.
	Address string `json:"address,omitempty"`
	// Up is nil until the first contact.
	Up *bool `json:"up,omitempty"`
	// Since is when it came up or went down.
	Since time.Time `json:"since,omitzero"`
	// Problems say what is wrong, each a sentence that ends in what to do.
	Problems []string `json:"problems"`
}

// History says where the history is stored.
type History struct {
	// Mode is one of the Mode constants.
	Mode string `json:"mode"`
	Path string `json:"path,omitempty"`
	// Reason says, for a history that is not in its file, why and what to do.
	Reason string `json:"reason,omitempty"`
	// SetAside is the path to which a damaged file was moved.
	SetAside string `json:"set_aside,omitempty"`
	// Salvaged is what was read of it; absent without one.
	Salvaged *Salvaged `json:"salvaged,omitempty"`
}

// Salvaged counts what the history got of a damaged file. Each lost page had an unknown number of
// entries.
type Salvaged struct {
	Saved      int `json:"saved"`
	Unreadable int `json:"unreadable"`
	LostPages  int `json:"lost_pages"`
}

// The modes of a history.
const (
	ModeFile    = "file"    // in its file
	ModeMemory  = "memory"  // in memory, until the process ends
	ModeOpening = "opening" // not open yet
)

// Hint is something that the sidecar could do if it were configured.
type Hint struct {
	// Configure names the sections or keys, for example "kafka, sinks, probe".
	Configure string `json:"configure"`
	// Adds says in a sentence what there would be.
	Adds string `json:"adds"`
}

// Trouble is something that is wrong now.
type Trouble struct {
	// Kind is one word of a fixed list, as in flink_sidecar_trouble: job-stalled,
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
