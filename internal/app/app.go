// Package app is the long-running sidecar: the one place where the stages meet. It opens
// what the configuration asks for, connects the stages, and runs them.
//
//	    ┌──────────── server: /metrics  /api/v1  /alertmanager/webhook  / ────────────┐
//	    │                                                                             │
//	collector ──► snapshot ──► jobView ──► prober ──► history ◄───────────────────────┤
//	    │             │                      │           ▲                            │
//	    │             └─► signals ─► trends ─┼─► loop ─► episode ─────────────────────┤
//	    │             └─► troubles ──────────┤             │                          │
//	    └─ epoch changed ──► epochs ─────────┴──► ┘      │                            │
//	                         windows, every minute ──────┘                            │
//	    Alertmanager, people ─► router ─► loop ─► profiles ─► evidence ─► advice ─► Grafana
//
// [New] opens everything in one straight line, in the order of [App.open]; [App.Run] runs
// the actors until its context ends; [App.Close] undoes what New did, the last first.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor/checkup"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/backups"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/measure"
	"github.com/flink-sidecar/flink-sidecar/internal/notices"
	"github.com/flink-sidecar/flink-sidecar/internal/pause"
	"github.com/flink-sidecar/flink-sidecar/internal/plans"
	"github.com/flink-sidecar/flink-sidecar/internal/results"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// windowEvery is the length of a standing measurement, unless a block of them is shorter. Flink's
// own rates are means over a minute, and a year of one job stays below 200 MB.
const windowEvery = time.Minute

// App is the long-running sidecar. Use [New].
type App struct {
	cfg      config.Config
	options  Options
	log      *slog.Logger
	started  time.Time
	closers  closers
	registry *prometheus.Registry

	server      *server.Server
	store       *history.Store
	backups     *backups.Backups // nil unless a schedule is configured
	pages       *pagestore.Store
	retention   *pagestore.Retention // of pages; history has its own
	clusters    clusters.Clusters
	prober      *synthetic.Prober // nil unless the configuration has a probe
	measurer    *measure.Measurer
	switches    *pause.Switches
	trends      *alerts.Trends
	pyroscope   *pyroscope.Sender // nil unless one is configured
	profiles    *profiling.Service
	advisor     *advisor.Advisor
	advising    plans.Advising
	notifier    *grafana.Notifier        // nil unless a Grafana is configured
	annotations *annotations.Annotations // nil as the notifier is
	loop        *loop.Loop
	router      *router
	webhook     *webhook.Handler
	epochs      *epochs.Epochs
	rounds      *rounds
	troubles    *troubles
	scaleTest   *results.LiveTest
	changes     *results.Changes
	scaleShards results.Shards
	probePage   *prometheus.Registry // the metrics of the probe; nil without one
	past        *recorded.Source     // nil unless a Prometheus refills the trends
	replayed    []signal.Observation // the past in the history, where Prometheus is to refill
	reloads     reloads

	sender      *notify.Sender // nil unless an Alertmanager is configured
	evaluations *notices.Evaluations
	predictions *results.Predictions

	changePoints *results.ChangePoints
	checkup      *checkup.Checkup
}

// Options are the differences between an App for one command and the standing sidecar.
type Options struct {
	// OnDemand makes an App that does only what its caller requests: no probe rounds of
	// its own, no standing measurements, no episodes of epochs.
	OnDemand bool
	// ConfigFile is the file of the configuration, empty for sidecar.yml if it is there.
	ConfigFile string
	// Reload reads the configuration again; nil if it cannot be read again.
	Reload func() (config.Config, error)
	// Hangups has a signal for each request to call [App.Reload]. [Run] takes them from when it has
	// opened the history; nil has none.
	Hangups <-chan os.Signal

	// store is the history if it is open already; the App closes it.
	store *history.Store
}

// New opens what the configuration names. A target that does not answer is no error here:
// it becomes a metric, and the sidecar tries again.
func New(ctx context.Context, cfg config.Config, o Options, log *slog.Logger) (*App, error) {
	a := &App{
		cfg: cfg, options: o, log: log, started: time.Now(), closers: closers{log: log},
		registry: prometheus.NewRegistry(), reloads: reloads{successful: true, at: time.Now()},
	}
	a.warnOf(cfg.Deprecated)
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// warnOf logs each old name of a key in the configuration.
func (a *App) warnOf(deprecated []string) {
	for _, line := range deprecated {
		a.log.Warn("The configuration has an old name of a key", "where", line)
	}
}

// open opens every part, in an order in which each has what it needs.
func (a *App) open(ctx context.Context) error {
	a.registry.MustRegister(processCollectors()...)
	a.registry.MustRegister(newStandbyGauge(0), newHistoryState(historyOpen))
	if a.store = a.options.store; a.store != nil {
		a.closers.add("history", a.store.Close)
	}
	for _, step := range []func() error{
		// First of all, so that a taken port is known before anything else is opened.
		func() error { return a.openServer(ctx) },
		func() error { return a.openHistory(ctx) },
		a.openClusters,
		a.openProbe,
		a.openSwitches,
		a.openAlerts,
		a.openProfiling,
		a.openAdvice,
		a.openLoop,
		a.openEvaluations,
		a.openResults,
		a.openCheckup,
		a.restore,
		a.connect,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Run works until ctx ends, and then returns nil. It returns an error only if the sidecar
// itself cannot continue.
func (a *App) Run(ctx context.Context) error {
	a.log.Info("Sidecar runs", "page", a.URL()+"/", "metrics", a.URL()+"/metrics",
		"clusters", a.clusters.String(), "history", a.store.Path())
	group, ctx := errgroup.WithContext(ctx)
	for _, actor := range a.actors() {
		group.Go(func() error { return actor.runNamed(ctx) })
	}
	err := group.Wait()
	a.log.Info("Sidecar stops")
	return errors.Join(err, a.Close())
}

// actors are the parts that run, each until its context ends.
func (a *App) actors() []actor {
	actors := []actor{
		{"server", a.server.Run},
		{"history", a.store.Run},
		{"changes", a.changes.Run},
		{"headroom", (&results.Headroom{Store: a.store, Live: a.scaleTest, Log: a.log}).Run},
		{"collector", a.clusters.Collectors().Run},
		{"loop", a.loop.Run},
		{"epochs", a.epochs.Run},
		{"rounds", a.rounds.run},
	}
	if a.prober != nil {
		actors = append(actors, actor{"probe", a.prober.Run})
	}
	if a.past != nil {
		actors = append(actors, actor{"refill", a.refill})
	}
	if a.pyroscope != nil {
		actors = append(actors, actor{"pyroscope", a.pyroscope.Run})
	}
	if a.sender != nil {
		actors = append(actors, actor{"notify", a.sender.Run})
	}
	if a.notifier != nil && !a.options.OnDemand {
		actors = append(actors, actor{"grafana", a.notifier.Run}, actor{"follow-ups", a.annotations.Run})
	}
	if !a.options.OnDemand {
		actors = append(actors,
			actor{"windows", a.measurer.Windows().Run},
			actor{"predictions", a.predictions.Run},
			actor{"change points", a.changePoints.Run},
			actor{"checkup", a.checkup.Run},
			actor{"troubles", a.troubles.run},
			actor{"trends", func(ctx context.Context) error { return a.trends.Run(ctx, a.router) }},
			actor{"retention", a.retention.Run})
		if a.backups != nil {
			actors = append(actors, actor{"backups", a.backups.Run})
		}
	}
	return actors
}

// actor is a part of the sidecar that runs until its context ends.
type actor struct {
	name string
	run  func(context.Context) error
}

// runNamed runs an actor. An end because the context ended is no error.
func (a actor) runNamed(ctx context.Context) error {
	if err := a.run(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	return nil
}

// URL is the address of this sidecar for a caller on this machine.
func (a *App) URL() string { return a.server.URL() }

// Await waits until the first poll of a cluster has ended, or of every cluster if
// name is empty. It fails if no poll succeeded.
func (a *App) Await(ctx context.Context, name string) error { return a.clusters.Await(ctx, name) }

// Describe sends the description of every metric of this sidecar, except user metrics,
// which are known only when Flink lists their names.
func (a *App) Describe(ch chan<- *prometheus.Desc) { a.registry.Describe(ch) }

// Close undoes New.
func (a *App) Close() error { return a.closers.close() }
