package app

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
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

func (a *App) openAdvice() (err error) {
	if a.advisor, err = advisor.New(a.cfg.Advisor, a.log); err != nil {
		return err
	}
	a.advisor.Paused = func() bool { return a.switches.IsPaused(api.PartLLM) }
	a.registry.MustRegister(a.advisor.Collector())
	a.advising = advising{advisor: a.advisor, weigh: func(fs []episode.Finding) { a.predictions.Weigh(fs) }, evidence: &bundles{
		gatherer: collect.New(collect.Options{
			Cluster: a.clusters.Look, Trends: a.trends.All, Trees: a.profiles.Trees(), Episodes: a.store,
			CoolDown: time.Duration(a.cfg.Profiling.CoolDown), Log: a.log,
		}),
		sources: advise.Sources(a.cfg.Advisor),
		store:   &bundlefile.Store{Dir: bundlefile.DirBeside(a.cfg.History.Path)},
		log:     a.log,
	}}
	return a.openNotices()
}
