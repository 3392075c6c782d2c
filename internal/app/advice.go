package app

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// advising implements loop.Advisor.
type advising struct {
	advisor  *advisor.Advisor
	evidence *bundles
	// weigh changes confidence and order of findings by what came of earlier ones of their kind.
	weigh func([]episode.Finding)
}

// Advise implements loop.Advisor: the rules' advice comes at once, the LLM's later.
func (a advising) Advise(
	ctx context.Context, ep episode.Episode, soon func(episode.Advice) error,
) (episode.Advice, error) {
	bundle := a.evidence.gather(ctx, ep)
	rules := advisor.Rules(bundle)
	a.weigh(rules.Findings)
	if err := soon(rules); err != nil {
		return rules, err
	}
	advice := a.advisor.Advise(ctx, bundle)
	a.weigh(advice.Findings)
	return advice, nil
}

// Prompt implements api.Prompts.
func (a advising) Prompt(ctx context.Context, ep episode.Episode) ([]byte, error) {
	bundle, err := a.evidence.of(ctx, ep)
	return a.advisor.Prompt(bundle), err
}

// Show implements loop.Advisor: the findings of a job's latest episode are metrics.
func (a advising) Show(ep episode.Episode) {
	vertex := ep.Alert.Vertex
	if ep.Target != nil {
		vertex = ep.Target.Vertex
	}
	a.advisor.Publish(ep.Alert.JobRef(), vertex, *ep.Advice)
}
