package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/trendfeed"
)

// openTrends makes the trends, with the scores of earlier processes.
func (a *App) openTrends() error {
	a.trends = alerts.NewTrends(a.cfg.Alerts, a.log)
	scores, err := a.store.Scores()
	if err != nil {
		return fmt.Errorf("reading the scores of the rules: %w", err)
	}
	a.trends.RestoreScores(scores)
	if err := a.keepFiring(); err != nil {
		return err
	}
	a.trends.OnScores = func(scores []episode.RuleScore) {
		if err := a.store.PutScores(scores); err != nil {
			a.log.Warn("The scores of the rules are not stored", "err", err)
		}
	}
	if a.cfg.Alerts.Prometheus == nil || a.options.OnDemand {
		return nil
	}
	if a.past, err = recorded.New(*a.cfg.Alerts.Prometheus); err != nil {
		return err
	}
	a.closers.add("prometheus", func() error { a.past.Close(); return nil })
	a.trends.Hold()
	return nil
}

// keepFiring continues the alerts that fired in the process before, and stores those of this one.
func (a *App) keepFiring() error {
	if a.options.OnDemand {
		return nil
	}
	firing, err := a.store.Firing()
	if err != nil {
		return fmt.Errorf("reading the alerts that fire: %w", err)
	}
	a.trends.RestoreFiring(firing)
	a.trends.OnFiring = func(firing []episode.FiringTrend) {
		if err := a.store.PutFiring(firing); err != nil {
			a.log.Warn("The alerts that fire are not stored", "err", err)
		}
	}
	return a.keepMedians()
}

// keepMedians continues the present epochs of the process before, and stores those of this one.
func (a *App) keepMedians() error {
	medians, err := a.store.Medians()
	if err != nil {
		return fmt.Errorf("reading the medians of the rules: %w", err)
	}
	a.trends.RestoreMedians(medians)
	a.trends.OnMedians = func(medians []episode.TrendMedian) {
		if err := a.store.PutMedians(medians); err != nil {
			a.log.Warn("The medians of the rules are not stored", "err", err)
		}
	}
	return nil
}

// refill fills the windows of the trends from Prometheus, once. The exporter does not wait for
// it: new samples are held meanwhile.
func (a *App) refill(ctx context.Context) error {
	now := time.Now()
	of := a.cfg.ProbedJob()
	past, err := a.past.Past(ctx, recorded.Wanted{
		Until: now, Window: a.trends.LongestWindow(), Step: time.Duration(a.cfg.Collector.PollInterval),
		Earlier: alerts.Earlier, EarlierStep: alerts.EarlierStep,
		Clusters: a.cfg.Flink.Names(), Probed: snapshot.Labels{Cluster: of.Cluster, Job: of.Job},
	})
	if err != nil {
		a.log.Warn("Prometheus does not refill the trends, the history does", "err", err)
		past = recorded.PresentLives(a.replayed)
	}
	a.replayed = nil
	a.trends.Refill(past)
	a.log.Info("Trends are refilled", "samples", len(past))
	return nil
}

// historyWritable is 0 while entries do not reach the file.
func (a *App) historyWritable() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "flink_sidecar_history_writable",
		Help: "1 if entries reach the file of the history; 0 while its volume refuses writes, or while it is in memory.",
	}, func() float64 {
		if memory, _ := a.store.Memory(); memory || a.store.WriteFault() != nil {
			return 0
		}
		return 1
	})
}

// pastOf is the past of a cluster in the history; nil if nothing polls.
func (a *App) pastOf(cluster string) *trendfeed.Past {
	if a.options.OnDemand {
		return nil
	}
	return &trendfeed.Past{Store: a.store, Cluster: cluster, Window: a.trends.LongestWindow, Log: a.log}
}

// historyInMemory is 1 while the history would be lost by a restart.
func (a *App) historyInMemory() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "flink_sidecar_history_in_memory",
		Help: "1 while the history is kept in memory, because its path cannot be written; else 0.",
	}, func() float64 {
		if memory, _ := a.store.Memory(); memory {
			return 1
		}
		return 0
	})
}
