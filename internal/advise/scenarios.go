package advise

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/scenario"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// maxRequests is how many requests a bundle can take: one, and repairs of its answer.
const maxRequests = 4

// Score lets the rules and, unless the provider is none, each of the models advise on scenarios.
// Without models it is the one of the configuration.
func Score(
	ctx context.Context, cfg advisor.Config, scenarios []scenario.Scenario, models []string, log *slog.Logger,
) (results []scenario.Result, err error) {
	cfg.RequestsPerDay = max(cfg.RequestsPerDay, maxRequests*len(scenarios))
	for _, model := range append(models, "")[:max(1, len(models))] {
		one := cfg
		one.OpenAI.Model = cmp.Or(model, cfg.OpenAI.Model)
		adv, err := advisor.New(one, log)
		if err != nil {
			return nil, err
		}
		result := scenario.Run(scenarios, func(b evidence.Bundle) episode.Advice { return adv.Advise(ctx, b) })
		if one.Provider == advisor.ProviderOpenAI {
			result.Model = one.OpenAI.Model
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		results = append(results, result)
	}
	return results, nil
}
