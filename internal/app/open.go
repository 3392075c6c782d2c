package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/backups"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/measure"
	"github.com/flink-sidecar/flink-sidecar/internal/pause"
	"github.com/flink-sidecar/flink-sidecar/internal/results"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/web"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/sharding"
)

// The steps of [App.open]. Each registers its undo step on the line after it opened
// something.

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
	if a.store, err = history.Open(ctx, a.cfg.History, a.log); err != nil {
		return err
	}
	a.closers.add("history", a.store.Close)
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
	a.scaleTest = results.NewLiveTest()
	a.changes = results.NewChanges(a.store, a.log)
	a.scaleShards = results.Shards{Groups: sharding.NewGroups(a.changes.PutScaleTest)}
	a.registry.MustRegister(a.trends, targetsUp{a.targets}, a.troubles, a.scaleTest, a.changes, &a.reloads,
		a.historyInMemory(), a.historyWritable())
	return nil
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

// openNotices opens what tells others of the sidecar's results.
func (a *App) openNotices() (err error) {
	if a.cfg.Notify != nil {
		if a.sender, err = notify.New(*a.cfg.Notify.Alertmanager, a.log); err != nil {
			return err
		}
		a.closers.add("notify", func() error { a.sender.Close(); return nil })
		a.registry.MustRegister(a.sender)
	}
	if a.cfg.Grafana == nil {
		return nil
	}
	if a.notifier, err = grafana.New(*a.cfg.Grafana, a.log); err != nil {
		return err
	}
	a.closers.add("grafana", func() error { a.notifier.Close(); return nil })
	for _, c := range a.clusters {
		a.notifier.Clusters = append(a.notifier.Clusters, c.Name())
	}
	a.registry.MustRegister(a.notifier.Collector())
	a.annotations = annotations.New(a.notifier, a.store, a.pageURL(), a.log)
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
	options.PlanFor = planFor(full, a.epochPlan(), a.advising.evidence)
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

// budgetSpan is how far back a budget looks.
const budgetSpan = 24 * time.Hour

// restore takes over from earlier processes what their profiles took out of the budget
// and which vertices are locked out.
func (a *App) restore() error {
	locked, err := a.store.LockedOut()
	if err != nil {
		return fmt.Errorf("reading the locked-out vertices: %w", err)
	}
	a.profiles.RestoreLocks(locked)
	if a.annotations != nil {
		if err := a.annotations.Restore(); err != nil {
			return err
		}
	}
	for before, since := "", time.Now().Add(-budgetSpan); ; {
		page, err := a.store.Episodes(episode.JobRef{}, before, 0)
		if err != nil {
			return fmt.Errorf("reading recent episodes: %w", err)
		}
		a.profiles.Restore(page)
		if len(page) == 0 || page[len(page)-1].Opened.Before(since) {
			return nil
		}
		before = page[len(page)-1].ID
	}
}

// connect passes the results of each collector on, and opens the server for requests.
func (a *App) connect() error {
	for _, c := range a.clusters {
		signals := a.newSignals(c)
		c.OnPoll = func() {
			signals.offer()
			a.profiles.Polled(c.State())
			a.troubles.polled(c.State())
		}
		if !a.options.OnDemand {
			c.OnEpoch = a.epochs.Changed
		}
	}
	page := web.NewHandler(a.status, a.store, a.store, a.store, a.log)
	page.Scores, page.Changes = a.trends.Scores, a.changePoints.Points
	page.Checks = a.checkup.Last
	a.server.Handle(a.registry, server.Handlers{
		API:      api.NewHandler(a.apiSources(), a.log),
		Webhook:  a.webhook,
		Profiles: server.ServePages(a.pages),
		Page:     page,

		WebhookToken: a.cfg.Alerts.Webhook.TokenFile != "",
		Health:       a.health,
		Ready:        a.unwritten,
		Reload:       a.Reload,
	})
	if err := a.store.Announce(a.server.URL()); err != nil {
		// Only commands on this machine need the owner file: they will name the holder.
		a.log.Warn("Other commands cannot find this sidecar by its history", "err", err)
	}
	return nil
}

// newSignals reads the signals of a cluster, and those of the probe of one of its jobs.
func (a *App) newSignals(c *clusters.Cluster) *signals {
	of := a.cfg.ProbedJob()
	var more []prometheus.Collector
	if a.prober != nil && of.Cluster == c.Name() {
		more = append(more, a.probePage)
	}
	s := newSignals(c.Collector, a.trends, a.log, more...)
	if more != nil {
		s.reader.Probed = snapshot.Labels{Cluster: of.Cluster, Job: of.Job}
	}
	s.past = a.pastOf(c.Name())
	s.past.replay(time.Now(), s.reader, a.trends)
	return s
}
