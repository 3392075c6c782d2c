package plans

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Advising implements loop.Advisor.
type Advising struct {
	Advisor  *advisor.Advisor
	Evidence *Bundles
	// Weigh changes confidence and order of findings by what came of earlier ones of their kind.
	Weigh func([]episode.Finding)
}

// Advise implements loop.Advisor: the rules' advice comes at once, the LLM's later.
func (a Advising) Advise(
	ctx context.Context, ep episode.Episode, soon func(episode.Advice) error,
) (episode.Advice, error) {
	bundle := a.Evidence.gather(ctx, ep)
	rules := advisor.Rules(bundle)
	a.Weigh(rules.Findings)
	if err := soon(rules); err != nil {
		return rules, err
	}
	advice := a.Advisor.Advise(ctx, bundle)
	a.Weigh(advice.Findings)
	return advice, nil
}

// Prompt implements routes.Prompts.
func (a Advising) Prompt(ctx context.Context, ep episode.Episode) ([]byte, error) {
	bundle, err := a.Evidence.of(ctx, ep)
	return a.Advisor.Prompt(bundle), err
}

// Show implements loop.Advisor: the findings of a job's latest episode are metrics.
func (a Advising) Show(ep episode.Episode) {
	vertex := ep.Alert.Vertex
	if ep.Target != nil {
		vertex = ep.Target.Vertex
	}
	a.Advisor.Publish(ep.Alert.JobRef(), vertex, *ep.Advice)
}
