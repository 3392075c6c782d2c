package api

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// MaxEvaluation is the maximum size of an evaluation, in bytes of JSON.
const MaxEvaluation = 256 << 10

// EvaluationList is the answer of GET /api/v1/evaluations.
type EvaluationList struct {
	Evaluations []episode.Evaluation `json:"evaluations"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// Evaluations lists evaluations, newest first. The rest is as with [Client.Episodes].
func (c *Client) Evaluations(ctx context.Context, of episode.JobRef, before string, limit int) (EvaluationList, error) {
	return get[EvaluationList](ctx, c, "evaluations",
		params("cluster", of.Cluster, "job", of.Job, "before", before, "limit", number(limit)))
}

// PutEvaluation stores an evaluation, and replaces the one with the same id. Idempotent.
func (c *Client) PutEvaluation(ctx context.Context, e episode.Evaluation) error {
	_, err := post[episode.Evaluation](ctx, c, "evaluations", e)
	return err
}
