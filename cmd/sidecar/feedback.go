package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// feedback is the loop and the stages that it drives:
//
//	collector ─► signals ─► trends ─┐
//	Alertmanager ─► webhook ────────┤
//	API, CLI ───────────────────────┴─► intake ─► loop ─► profiles ─► advising ─► annotations
type feedback struct {
	trends    *alerts.Trends
	webhook   http.Handler
	profiles  *profiles
	advisor   *advisor.Advisor
	announcer *grafana.Announcer // nil unless a Grafana is configured
	brake     *brake
	intake    *intake
	loop      *loop.Loop
}

// newFeedback opens the loop behind a collector, a history and perhaps a probe.
func newFeedback(a *App) (*feedback, error) {
	cfg, log := a.cfg, a.log
	f := &feedback{trends: alerts.NewTrends(cfg.Alerts, log)}
	var err error
	if f.brake, err = newBrake(a.store, a.pauseProbe()); err != nil {
		return nil, err
	}
	if f.advisor, err = advisor.New(cfg.Advisor, log); err != nil {
		return nil, err
	}
	f.advisor.Paused = func() bool { return f.brake.isPaused(api.PartLLM) }
	if cfg.Grafana != nil {
		if f.announcer, err = grafana.New(*cfg.Grafana, log); err != nil {
			return nil, err
		}
		a.closers.add("grafana", func() error { f.announcer.Close(); return nil })
	}
	f.profiles = newProfiles(a, f.brake)
	if cfg.Profiling.Pyroscope != nil {
		if f.profiles.pyroscope, err = profiling.NewPyroscope(*cfg.Profiling.Pyroscope, log); err != nil {
			return nil, err
		}
		a.registry.MustRegister(f.profiles.pyroscope)
	}
	f.brake.onResume = func(part api.Part) {
		if part == api.PartProfiling {
			f.profiles.budget.Unlock()
			f.profiles.rememberLocks()
		}
	}
	f.loop = f.newLoop(a)
	f.intake = &intake{loop: f.loop, clusters: a.clusters, log: log.With("component", "intake")}
	webhook := alerts.NewWebhook(cfg.Alerts.Webhook, f.intake, log)
	f.webhook = webhook
	a.registry.MustRegister(f.trends, webhook, a.clusters[0].profiler, profiling.BudgetLeft(f.profiles.budget), f.profiles.cost.throughput, f.profiles.work, f.advisor.Collector(), f.brake.gauge, f.loop)
	if f.announcer != nil {
		a.registry.MustRegister(f.announcer.Collector())
	}
	return f, f.restore(a)
}

func (f *feedback) newLoop(a *App) *loop.Loop {
	options := loop.Options{Config: loop.DefaultConfig(), Journal: a.store, Log: a.log}
	options.Config.CoolDown = time.Duration(a.cfg.Profiling.CoolDown)
	options.Config.LeaveOld = a.options.OnDemand
	if f.announcer != nil {
		options.Announcer = annotations{announcer: f.announcer, page: a.pageURL()}
	}
	full := loop.Plan{
		Profiler: f.profiles,
		Measurer: loop.MeasureFunc(a.measureRecent),
		Advisor: advising{f.advisor, &gatherer{
			clusters: a.clusters, trends: f.trends, profiles: f.profiles, store: a.store,
			cooldown: options.Config.CoolDown, log: a.log.With("component", "evidence"),
		}},
	}
	options.PlanFor = planFor(full, loop.Plan{Measurer: a.epochMeasurer()})
	return loop.New(options)
}

// budgetSpan is how far back a budget looks.
const budgetSpan = 24 * time.Hour

// restore takes over from earlier processes what their profiles cost, and whom to leave
// alone.
func (f *feedback) restore(a *App) error {
	locked, err := a.store.LockedOut()
	if err != nil {
		return fmt.Errorf("which vertices are not to be profiled: %w", err)
	}
	f.profiles.budget.RestoreLocks(locked)
	for before, since := "", time.Now().Add(-budgetSpan); ; {
		page, err := a.store.Episodes(episode.JobRef{}, before, 0)
		if err != nil {
			return fmt.Errorf("reading recent episodes: %w", err)
		}
		f.profiles.restore(page)
		f.profiles.restoreWork(page)
		if len(page) == 0 || page[len(page)-1].Opened.Before(since) {
			return nil
		}
		before = page[len(page)-1].ID
	}
}

func newProfiles(a *App, b *brake) *profiles {
	cfg := a.cfg.Profiling
	store := &profiling.Store{Dir: profilesDir(a.cfg.History.Path)}
	a.clusters[0].profiler = profiling.New(a.clusters[0].flink, store, a.log)
	for _, c := range a.clusters[1:] {
		c.profiler = a.clusters[0].profiler.Of(c.flink, a.log.With("cluster", c.Name()))
	}
	return &profiles{
		cfg: cfg, clusters: a.clusters, store: store, history: a.store, brake: b, cost: newCost(), work: newWorkMetrics(), log: a.log.With("component", "profiles"),
		budget: profiling.NewBudget(cfg.PerDay, time.Duration(cfg.CoolDown), time.Now),
		trees:  map[string]*flame.Tree{},
	}
}

// profilesDir is beside the history: FILE without its ending, and "-profiles".
func profilesDir(history string) string {
	return strings.TrimSuffix(history, filepath.Ext(history)) + "-profiles"
}

// watch looks at the trends on their own clock.
func (f *feedback) watch(ctx context.Context) error { return f.trends.Run(ctx, f.intake) }
