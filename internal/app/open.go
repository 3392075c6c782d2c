package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/backups"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/measure"
	"github.com/flink-sidecar/flink-sidecar/internal/pause"
	"github.com/flink-sidecar/flink-sidecar/internal/plans"
	"github.com/flink-sidecar/flink-sidecar/internal/results"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/sharding"
)

func (a *App) openServer(ctx context.Context) (err error) {
	// --web.config.file may name another file than the one that was checked.
	if faults := a.cfg.CheckWebhook(); len(faults) > 0 {
		return faults[0]
	}
	if a.server, err = server.Listen(ctx, a.cfg.Web, a.log); err != nil {
		return err
	}
	a.closers.add("listener", a.server.Close)
	a.registry.MustRegister(a.server)
	return nil
}

func (a *App) openHistory(ctx context.Context) (err error) {
	if a.store == nil {
		if a.store, err = history.Open(ctx, a.cfg.History, a.log); err != nil {
			return err
		}
		a.closers.add("history", a.store.Close)
	}
	if cfg := a.cfg.History.Backup; cfg != nil {
		if a.backups, err = backups.New(*cfg, a.store, a.log); err != nil {
			return err
		}
		a.registry.MustRegister(a.backups)
	}
	a.pages = &pagestore.Store{Dir: pagestore.DirBeside(a.cfg.History.Path)}
	a.retention = a.newRetention()
	a.registry.MustRegister(a.retention)
	return nil
}

// openClusters opens a client and a collector for each cluster. It sends no request yet.
func (a *App) openClusters() error {
	metrics := profiler.NewMetrics()
	a.registry.MustRegister(metrics)
	for _, cfg := range a.cfg.Flink.All() {
		client, err := flink.New(cfg)
		if err != nil {
			return err
		}
		a.closers.add("flink "+client.Cluster(), func() error { client.CloseIdleConnections(); return nil })
		c := collector.New(a.cfg.Collector, client, a.log)
		if a.store != nil { // a sidecar that stands by has none
			c.Recall = epochs.Recall(a.store, client.Cluster(), a.log)
		}
		a.clusters = append(a.clusters, &clusters.Cluster{
			Collector: c, Flink: client,
			Profiler: profiler.New(client, a.pages, metrics, a.log.With("cluster", client.Cluster())),
		})
		a.registry.MustRegister(client)
	}
	a.registry.MustRegister(a.clusters.Collectors())
	return nil
}

func (a *App) openProbe() (err error) {
	a.measurer = &measure.Measurer{
		Clusters: a.clusters, Probed: a.cfg.ProbedJob(), History: a.store, Log: a.log,
		Every: min(windowEvery, time.Duration(a.cfg.Evaluate.Block)),
	}
	if a.cfg.Probe == nil {
		return nil
	}
	a.probePage = prometheus.NewRegistry()
	if a.prober, err = a.newProber(); err != nil {
		return err
	}
	a.registry.MustRegister(a.probePage)
	a.closers.add("probe", a.prober.Close)
	a.measurer.Prober = a.prober
	return a.watchInput()
}

func (a *App) openSwitches() (err error) {
	if a.switches, err = pause.New(a.store); err != nil {
		return err
	}
	a.registry.MustRegister(a.switches)
	if a.prober != nil {
		a.prober.Pause(a.switches.IsPaused(api.PartProbe))
		a.switches.OnChange(api.PartProbe, a.prober.Pause)
	}
	return nil
}

func (a *App) openAlerts() error {
	if err := a.openTrends(); err != nil {
		return err
	}
	a.troubles = newTroubles(a)
	a.scaleTest = results.NewLiveTest(a.epochOf)
	a.changes = results.NewChanges(a.store, a.log)
	a.scaleShards = results.Shards{Groups: sharding.NewGroups(a.changes.PutScaleTest)}
	a.registry.MustRegister(a.trends, targetsUp{a.targets}, a.troubles, a.scaleTest, a.changes, &a.reloads,
		a.historyInMemory(), a.historyWritable(), salvaged{a.store})
	return nil
}

// epochOf is the key of the present epoch of a job; empty if unknown.
func (a *App) epochOf(of episode.JobRef) string {
	job, _ := a.clusters.Job(of)
	return job.EpochKey
}

func (a *App) openProfiling() (err error) {
	options := profiling.Options{
		Config: a.cfg.Profiling, Clusters: a.clusters, Store: a.pages, Locks: a.store, Log: a.log,
		Paused: func() bool { return a.switches.IsPaused(api.PartProfiling) },
	}
	if cfg := a.cfg.Profiling.Pyroscope; cfg != nil {
		if a.pyroscope, err = pyroscope.New(*cfg, a.log); err != nil {
			return err
		}
		a.registry.MustRegister(a.pyroscope)
		options.Push = a.pyroscope.Push
	}
	a.profiles = profiling.NewService(options)
	a.registry.MustRegister(a.profiles)
	a.switches.OnChange(api.PartProfiling, func(paused bool) {
		if !paused {
			a.profiles.Unlock()
		}
	})
	return nil
}

func (a *App) openLoop() error {
	options := loop.Options{Config: loop.DefaultConfig(), History: a.store, Alerts: a.store, Log: a.log}
	options.Config.CoolDown = time.Duration(a.cfg.Profiling.CoolDown)
	options.Config.LeaveOld = a.options.OnDemand
	if a.notifier != nil {
		options.Notifier = a.annotations
	}
	full := loop.Plan{
		Profiler: a.profiles,
		Measurer: loop.MeasureFunc(a.measurer.Recent),
		Advisor:  a.advising,
	}
	options.PlanFor = plans.For(full, a.epochPlan(), a.advising.Evidence, a.scaleTest.Tests)
	a.loop = loop.New(options)
	a.router = &router{loop: a.loop, clusters: a.clusters, outgoing: a.outgoing(), log: a.log.With("component", "router")}
	a.webhook = webhook.New(a.cfg.Alerts.Webhook, a.router, a.log)
	a.epochs = epochs.New(a.store, a.loop, a.epochPlan(), !a.options.OnDemand, a.log)
	a.rounds = newRounds(a)
	a.registry.MustRegister(a.loop, a.webhook)
	return nil
}

// epochPlan is the plan of the episode of an epoch: it is measured, and annotated at once.
func (a *App) epochPlan() loop.Plan {
	return loop.Plan{Measurer: loop.MeasureFunc(a.measurer.AfterChange), Announce: a.notifier != nil}
}

func (a *App) openResults() error {
	block := time.Duration(a.cfg.Evaluate.Block)
	a.predictions = results.NewPredictions(a.store, block, a.log)
	a.changePoints = results.NewChangePoints(a.store, block, a.log)
	a.registry.MustRegister(a.predictions, a.changePoints)
	return nil
}
