package app

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
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
)

// Run runs the sidecar until ctx ends, and then returns nil. While another process has the
// history open it stands by: it exports metrics of Flink, is not ready, and takes over when
// the lock of the history is free. There is one writer, because the lock has one holder; a
// lease would add a second truth.
func Run(ctx context.Context, cfg config.Config, o Options, log *slog.Logger) error {
	keepHeapSmall()
	for {
		a, err := begin(ctx, cfg, o, log)
		if err == nil {
			go a.reloadAt(ctx, o.Hangups)
			return a.Run(ctx)
		}
		if ctx.Err() != nil {
			log.Info("The sidecar was told to stop while it started", "reason", err)
			return nil
		}
		if !errors.Is(err, history.ErrHeld) {
			return err
		}
		log.Warn("The sidecar stands by, and takes over when the history is free", "reason", err)
		if err := waiting(cfg, err).standBy(ctx, cfg, log); err != nil || ctx.Err() != nil {
			return err
		}
		log.Info("The history is free: the sidecar takes over")
	}
}

// begin is [New], which serves metrics while it opens a large history.
func begin(ctx context.Context, cfg config.Config, o Options, log *slog.Logger) (*App, error) {
	if !large(cfg.History.Path) {
		return New(ctx, cfg, o, log)
	}
	store, err := openBehind(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	o.store = store
	return New(ctx, cfg, o, log)
}

// standby is why a sidecar works without the history, and for how long.
type standby struct {
	// state is that of the history.
	state  string
	reason error
	// until returns nil when the history can be used, and when its context ends.
	until func(context.Context) error
}

// waiting stands by until another sidecar releases the history.
func waiting(cfg config.Config, held error) standby {
	return standby{historyHeld, held, func(ctx context.Context) error {
		return history.AwaitRelease(ctx, cfg.History.Path)
	}}
}

// errUsable ends the actors of a sidecar that stands by.
var errUsable = errors.New("the history can be used")

// standBy returns nil when the history can be used, or when ctx ends.
func (s standby) standBy(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	a := &App{
		cfg: cfg, options: Options{OnDemand: true}, log: log, started: time.Now(), closers: closers{log: log},
		registry: prometheus.NewRegistry(),
	}
	if err := a.openStandby(ctx, s); err != nil {
		return errors.Join(err, a.Close())
	}
	group, within := errgroup.WithContext(ctx)
	for _, actor := range []actor{
		{"server", a.server.Run},
		{"collector", a.clusters.Collectors().Run},
		{"history", func(ctx context.Context) error {
			if err := s.until(ctx); err != nil {
				return err
			}
			return errUsable
		}},
	} {
		group.Go(func() error { return actor.runNamed(within) })
	}
	err := group.Wait()
	if errors.Is(err, errUsable) {
		err = nil
	}
	return errors.Join(err, a.Close())
}

// openStandby opens what needs no history.
func (a *App) openStandby(ctx context.Context, s standby) error {
	a.registry.MustRegister(processCollectors()...)
	a.registry.MustRegister(newStandbyGauge(1), newHistoryState(s.state))
	if err := a.openServer(ctx); err != nil {
		return err
	}
	if err := a.openClusters(); err != nil {
		return err
	}
	a.registry.MustRegister(targetsUp{a.clusterTargets})
	reason := fmt.Errorf("this sidecar stands by: %w", s.reason)
	refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, reason.Error(), http.StatusServiceUnavailable)
	})
	a.server.Handle(a.registry, server.Handlers{
		API: refuse, Webhook: refuse, Profiles: refuse, Page: refuse,
		WebhookToken: a.cfg.Alerts.Webhook.TokenFile != "",
		Ready:        func() error { return reason },
	})
	return nil
}

func (a *App) clusterTargets() []api.Target {
	var targets []api.Target
	for _, c := range a.clusters {
		targets = append(targets, targetOf(c))
	}
	return targets
}

// newStandbyGauge is flink_sidecar_standby with a fixed value.
func newStandbyGauge(value float64) prometheus.Gauge {
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "flink_sidecar_standby",
		Help: "1 while this sidecar works without the history, because another one has it open or because it is being " +
			"checked, else 0.",
	})
	gauge.Set(value)
	return gauge
}
