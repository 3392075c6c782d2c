// Package advise is what sidecar advise does: it asks a sidecar for advice about a job now, and
// judges evidence in files without one.
package advise

import (
	"context"
	"log/slog"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/source"
)

// Judge judges bundles without a sidecar. Only an LLM needs the network. Use [NewJudge].
type Judge struct {
	advisor *advisor.Advisor
	sources *source.Finder
}

// NewJudge makes the judge of a configuration.
func NewJudge(cfg advisor.Config, log *slog.Logger) (*Judge, error) {
	adv, err := advisor.New(cfg, log)
	return &Judge{adv, Sources(cfg)}, err
}

// Advise is the advice of the rules and of the LLM, if one is configured.
func (j *Judge) Advise(ctx context.Context, bundle evidence.Bundle) episode.Advice {
	AddSources(ctx, j.sources, &bundle)
	return j.advisor.Advise(ctx, bundle)
}

// Prompt is what the LLM would be sent about a bundle.
func (j *Judge) Prompt(ctx context.Context, bundle evidence.Bundle) []byte {
	AddSources(ctx, j.sources, &bundle)
	return j.advisor.Prompt(bundle)
}
