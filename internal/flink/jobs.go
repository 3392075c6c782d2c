package flink

import (
	"context"
	"encoding/json"
	"time"
)

// The states of a job in which it does its work, and those that are final.
const (
	JobRunning  = "RUNNING"
	JobFinished = "FINISHED"
	JobCanceled = "CANCELED"
	JobFailed   = "FAILED"
)

// JobSummary is one line of the list of jobs.
type JobSummary struct {
	ID   string `json:"jid"`
	Name string `json:"name"`
	// State is Flink's JobStatus, for example "RUNNING" or "RESTARTING".
	State string `json:"state"`
	Start Millis `json:"start-time"`
	End   Millis `json:"end-time"`
}

// Ended reports whether the job's state is final.
func (j JobSummary) Ended() bool {
	return j.State == JobFinished || j.State == JobCanceled || j.State == JobFailed
}

// Jobs lists the jobs that the JobManager remembers: running ones, and ended ones for
// about an hour. A JobManager without high availability forgets all of them when it
// restarts.
func (c *Client) Jobs(ctx context.Context) ([]JobSummary, error) {
	var answer struct {
		Jobs []JobSummary `json:"jobs"`
	}
	err := c.read(ctx, &answer, "/jobs/overview")
	return answer.Jobs, err
}

// Job is one job with its vertices and its plan.
type Job struct {
	ID    string `json:"jid"`
	Name  string `json:"name"`
	State string `json:"state"`
	Start Millis `json:"start-time"`
	// Now is the JobManager's clock, by which the other times are set.
	Now      Millis   `json:"now"`
	Vertices []Vertex `json:"vertices"`
	Plan     Plan     `json:"plan"`
}

// Vertex is one node of the job's execution: a chain of operators, in as many
// subtasks as its parallelism.
type Vertex struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Parallelism int    `json:"parallelism"`
	// MaxParallelism is the number of key groups; absent or negative if Flink does not say.
	MaxParallelism int    `json:"maxParallelism"`
	Status         string `json:"status"`
	// Tasks counts the subtasks by their state.
	Tasks map[string]int `json:"tasks"`
	IO    IO             `json:"metrics"`
}

// Running is the number of running subtasks. It is settled unless a subtask is neither
// running nor finished: until then the metric store holds values of the attempts before.
func (v Vertex) Running() (subtasks int, settled bool) {
	running, finished := v.Tasks["RUNNING"], v.Tasks["FINISHED"]
	return running, running+finished == v.Parallelism
}

// IO counts what the present attempts of a vertex's subtasks read and wrote, from and to
// other vertices and, since Flink 2, a source from its system. A count is nil unless
// every subtask reported it.
type IO struct {
	RecordsIn, RecordsOut, BytesIn, BytesOut *float64
}

// UnmarshalJSON implements json.Unmarshaler. Flink gives each count together
// with a flag that says whether it is complete.
func (io *IO) UnmarshalJSON(text []byte) error {
	var raw struct {
		RecordsIn          number `json:"read-records"`
		RecordsInComplete  bool   `json:"read-records-complete"`
		RecordsOut         number `json:"write-records"`
		RecordsOutComplete bool   `json:"write-records-complete"`
		BytesIn            number `json:"read-bytes"`
		BytesInComplete    bool   `json:"read-bytes-complete"`
		BytesOut           number `json:"write-bytes"`
		BytesOutComplete   bool   `json:"write-bytes-complete"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*io = IO{
		RecordsIn:  raw.RecordsIn.when(raw.RecordsInComplete),
		RecordsOut: raw.RecordsOut.when(raw.RecordsOutComplete),
		BytesIn:    raw.BytesIn.when(raw.BytesInComplete),
		BytesOut:   raw.BytesOut.when(raw.BytesOutComplete),
	}
	return nil
}

// Plan is the graph of a job's vertices.
type Plan struct {
	Nodes []PlanNode `json:"nodes"`
}

// Sources finds the vertices that no other vertex sends records to.
func (p Plan) Sources() map[string]bool {
	sources := map[string]bool{}
	for _, node := range p.Nodes {
		sources[node.ID] = len(node.Inputs) == 0
	}
	return sources
}

// PlanNode is a vertex and the edges that lead to it; a source has none.
type PlanNode struct {
	ID     string      `json:"id"`
	Inputs []PlanInput `json:"inputs"`
}

// PlanInput is an edge from the vertex ID, with its way of distributing
// records, for example "HASH" or "FORWARD".
type PlanInput struct {
	ID           string `json:"id"`
	ShipStrategy string `json:"ship_strategy"`
}

// SettleTime is long enough for Flink to fetch metrics from all processes of a healthy cluster, after
// a request that makes it fetch them.
const SettleTime = 500 * time.Millisecond

// Job reads one job. The answer holds the counts of [IO], so it makes the JobManager
// fetch metrics just as a metrics request does.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	var answer Job
	err := c.read(ctx, &answer, "/jobs/:jobid", id)
	return answer, err
}

// JobConfig reads the settings of a job: a few of Flink's own, and under "user-config."
// what the job published as global job parameters.
func (c *Client) JobConfig(ctx context.Context, id string) (Settings, error) {
	var answer struct {
		Execution Settings `json:"execution-config"`
	}
	err := c.read(ctx, &answer, "/jobs/:jobid/config", id)
	return answer.Execution, err
}
