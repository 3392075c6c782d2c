package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/web"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// windowEvery is the length of a standing measurement. A minute is what Flink's
// own rates are means over, and keeps a year of one job below 200 MB.
const windowEvery = time.Minute

// App is the long-running sidecar:
//
//	    ┌──────────── server: /metrics  /api/v1  /alertmanager/webhook  / ────────────┐
//	    │                                                                             │
//	collector ──► snapshot ──► jobView ──► prober ──► ledger ──► history ◄────────────┤
//	    │             │                      │                     ▲                  │
//	    │             └─► feedback: trends ──┼─► loop ─► episode ──┤                  │
//	    └─ epoch changed ──► turns ──────────┴──► ┘                │                  │
//	                         windows, every minute ────────────────┘                  │
//
// New opens everything in one straight line, in the order of the picture from
// the right; Run runs the actors until its context ends; Close undoes what New
// did, the last first. What belongs to the feedback loop is in feedback.go.
type App struct {
	cfg      Config
	options  Options
	log      *slog.Logger
	started  time.Time
	closers  closers
	registry *prometheus.Registry
	server   *server
	store    *history.Store
	clusters clusters
	prober   *synthetic.Prober // nil unless the configuration has a probe
	feedback *feedback
	turns    *turns
	// retention is of the pages of profiles; history has its own.
	retention *profiling.Retention
}

// Options are how an App differs from the standing sidecar.
type Options struct {
	// OnDemand makes an App that does only what it is asked for: no rounds of its
	// own, no standing measurements, no episodes of epochs.
	OnDemand bool
}

// New opens what the configuration asks for. A target that can't be reached is
// not an error here: it is a metric, and is tried again.
func New(ctx context.Context, cfg Config, o Options, log *slog.Logger) (_ *App, err error) {
	a := &App{cfg: cfg, options: o, log: log, started: time.Now(), closers: closers{log: log}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()

	// First of all, so that a taken port is known before anything is touched.
	a.server, err = listen(ctx, cfg.Web, log)
	if err != nil {
		return nil, err
	}
	a.closers.add("listener", a.server.close)

	a.store, err = history.Open(ctx, cfg.History, log)
	if err != nil {
		return nil, err
	}
	a.closers.add("history", a.store.Close)

	a.registry = prometheus.NewRegistry()
	a.registry.MustRegister(processCollectors()...)
	if err := a.openClusters(); err != nil {
		return nil, err
	}
	if cfg.Probe != nil {
		a.prober, err = a.newProber()
		if err != nil {
			return nil, err
		}
		a.closers.add("probe", a.prober.Close)
	}
	a.registry.MustRegister(targetsUp{a.targets})

	a.feedback, err = newFeedback(a)
	if err != nil {
		return nil, err
	}
	a.retention = a.newRetention()
	a.registry.MustRegister(a.retention)
	a.turns = newTurns(a)
	for _, c := range a.clusters {
		signals := newSignals(c.Collector, a.feedback.trends)
		c.OnPoll = func() {
			signals.offer()
			a.feedback.profiles.polled(c)
		}
		if !o.OnDemand {
			c.OnEpoch = a.turns.epochChanged
		}
	}

	a.server.http.Handler = a.routes()
	if err := a.store.Announce(a.server.url()); err != nil {
		// Only commands on this machine miss it: they will say who holds the file.
		log.Warn("Other commands can't find this sidecar by its history", "err", err)
	}
	return a, nil
}

// routes is what the sidecar serves.
func (a *App) routes() http.Handler {
	return routes(a.registry, handlers{
		api:      api.NewHandler(a.apiSources(), a.log),
		webhook:  a.feedback.webhook,
		profiles: servePages(a.feedback.profiles.store),
		page:     web.NewHandler(a.status, a.store, a.log),
	}, a.log)
}

// Run works until ctx ends. It returns nil then, and an error only if the
// sidecar itself can't go on.
func (a *App) Run(ctx context.Context) error {
	a.log.Info("Sidecar runs", "page", a.server.url()+"/", "metrics", a.server.url()+"/metrics", "clusters", a.clusters.String(), "history", a.store.Path())
	group, ctx := errgroup.WithContext(ctx)
	actors := []actor{
		{"server", a.server.run},
		{"history", a.store.Run},
		{"collector", a.clusters.collectors().Run},
		{"loop", a.feedback.loop.Run},
		{"turns", a.turns.run},
	}
	if a.prober != nil {
		actors = append(actors, actor{"probe", a.prober.Run})
	}
	if pyroscope := a.feedback.profiles.pyroscope; pyroscope != nil {
		actors = append(actors, actor{"pyroscope", pyroscope.Run})
	}
	if !a.options.OnDemand {
		actors = append(actors, actor{"windows", a.windows().Run}, actor{"trends", a.feedback.watch}, actor{"retention", a.retention.Run})
	}
	for _, actor := range actors {
		group.Go(func() error { return named(ctx, actor) })
	}
	err := group.Wait()
	a.log.Info("Sidecar stops")
	return errors.Join(err, a.Close())
}

// actor is a part of the sidecar that runs until its context ends.
type actor struct {
	name string
	run  func(context.Context) error
}

// named runs an actor. Ending because it was told to is not an error.
func named(ctx context.Context, a actor) error {
	if err := a.run(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	return nil
}

// Close undoes New.
func (a *App) Close() error { return a.closers.close() }
