package api

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// ScaleTestList is the answer of GET /api/v1/scaletests.
type ScaleTestList struct {
	ScaleTests []scalerun.Test `json:"scaletests"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// ScaleProgress is how far the scale test that is under way is. Its process sends it every
// second.
type ScaleProgress struct {
	// Test is the id of this call of the test: the process makes it, and sends no other.
	Test    string `json:"test"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Run     string `json:"run"`
	Label   string `json:"label"`
	// Iteration of Iterations is under way; Doing says what it is for, if it is not a
	// measured one.
	Iteration  int    `json:"iteration"`
	Iterations int    `json:"iterations"`
	Doing      string `json:"doing,omitempty"`
	// Intended records of the iteration, Sent to the producer, Acknowledged by Kafka.
	Intended     int `json:"intended"`
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"`
	// Visible is the number of records that each sink shows.
	Visible []SeenAtSink `json:"visible"`
	// LatencySeconds is that of the newest records; nil if unknown.
	LatencySeconds *float64 `json:"latency_seconds,omitempty"`
	// LeftSeconds is the time until the end of the iteration; nil if unknown.
	LeftSeconds *float64 `json:"left_seconds,omitempty"`
	// Throughput is that of the last iteration in records per second; nil if there is none.
	Throughput *float64 `json:"throughput,omitempty"`
	// SustainableRate is what the search has found; nil until it has ended with a limit.
	SustainableRate *float64 `json:"sustainable_rate,omitempty"`
	// Headroom is SustainableRate divided by the 95 % quantile of the job's input of the last
	// day; nil if unknown.
	Headroom *float64 `json:"headroom,omitempty"`
	// Ended is set in the last report: the test is not under way any more.
	Ended bool `json:"ended,omitempty"`
}

// ScaleTests lists scale tests, newest first. The rest is as with [Client.Episodes].
func (c *Client) ScaleTests(ctx context.Context, of episode.JobRef, before string, limit int) (ScaleTestList, error) {
	return c.ScaleTestsOf(ctx, ScaleTestQuery{Of: of, Before: before, Limit: limit})
}

// ScaleTestQuery says which scale tests are asked for. The zero value is all, up to a default number.
type ScaleTestQuery struct {
	Of episode.JobRef
	// Run is the name of runs; empty is any.
	Run string
	// Before is a scale test: only older ones. From and To bound when one began: From is the first
	// moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	Limit    int
}

// ScaleTestsOf is [Client.ScaleTests] of a run or a time.
func (c *Client) ScaleTestsOf(ctx context.Context, q ScaleTestQuery) (ScaleTestList, error) {
	return get[ScaleTestList](ctx, c, "scaletests", params("cluster", q.Of.Cluster, "job", q.Of.Job, "run", q.Run,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}

// PutScaleTest stores a scale test, and replaces the one with the same id. Idempotent.
func (c *Client) PutScaleTest(ctx context.Context, t scalerun.Test) error {
	_, err := post[scalerun.Test](ctx, c, "scaletests", t)
	return err
}

// ReportScaleTest sends the progress of a scale test. It fails with [http.StatusConflict]
// while another one is under way.
func (c *Client) ReportScaleTest(ctx context.Context, p ScaleProgress) error {
	_, err := post[ScaleProgress](ctx, c, "scaletests/progress", p)
	return err
}

// ReportScaleShard sends the state of one of the processes that send a scale test together,
// and returns what it needs of the others. It fails with [http.StatusConflict] if another
// process sends this shard.
func (c *Client) ReportScaleShard(ctx context.Context, s scalerun.Shard) (scalerun.Group, error) {
	return post[scalerun.Group](ctx, c, "scaletests/shards", s)
}
