package app

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
	"github.com/flink-sidecar/flink-sidecar/internal/plans"
)

func (a *App) openAdvice() (err error) {
	if a.advisor, err = advisor.New(a.cfg.Advisor, a.log); err != nil {
		return err
	}
	a.advisor.Paused = func() bool { return a.switches.IsPaused(api.PartLLM) }
	a.registry.MustRegister(a.advisor.Collector())
	a.advising = plans.Advising{Advisor: a.advisor, Weigh: func(fs []episode.Finding) { a.predictions.Weigh(fs) }, Evidence: &plans.Bundles{
		Gatherer: collect.New(collect.Options{
			Cluster: a.clusters.Look, Trends: a.trends.All, Trees: a.profiles.Trees(), Episodes: a.store,
			CoolDown: time.Duration(a.cfg.Profiling.CoolDown), Log: a.log,
		}),
		Sources: advise.Sources(a.cfg.Advisor),
		Store:   &bundlefile.Store{Dir: bundlefile.DirBeside(a.cfg.History.Path)},
		Log:     a.log,
	}}
	return a.openNotices()
}
