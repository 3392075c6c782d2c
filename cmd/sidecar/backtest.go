package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// backtestFlags name the samples: a file or a Prometheus.
type backtestFlags struct {
	path        string
	url         string
	since, step model.Duration
}

func backtestCommand(clause *kingpin.CmdClause) action {
	flags := addConfigFlags(clause)
	format := addScoreFormat(clause)
	var of backtestFlags
	clause.Flag("prometheus.url", "Prometheus that scrapes the sidecar; overrides alerts.prometheus.url, whose http "+
		"settings apply.").StringVar(&of.url)
	clause.Flag("since", "How much of the past to ask Prometheus for, such as 7d. Default: 1d.").SetValue(&of.since)
	clause.Flag("step", "Time between two samples from Prometheus. Default: collector.poll_interval.").SetValue(&of.step)
	clause.Arg("file", "Samples with time stamps in OpenMetrics text, as promtool tsdb dump-openmetrics writes "+
		"them; - is standard input.").SetValue((*fileArg)(&of.path))
	return func(ctx context.Context, c console) error {
		flags.over.NoFlink = true
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		result, err := of.run(ctx, c, cfg)
		if err != nil {
			return err
		}
		if short := result.TooShort(cfg.Alerts); short != "" {
			c.say(short)
		}
		return printScores(c, *format, result.Rules)
	}
}

func (of backtestFlags) run(ctx context.Context, c console, cfg config.Config) (result backtest.Result, err error) {
	asked := of.url != "" || of.since > 0
	switch {
	case of.path != "" && (asked || of.step > 0):
		return result, usageError{errors.New("FILE and the flags of Prometheus exclude each other (give one of them)")}
	case of.path != "":
		return of.fromFile(c, cfg)
	case !asked:
		return result, usageError{errors.New("there are no samples (give FILE, or --prometheus.url=URL --since=1d)")}
	}
	section, err := of.prometheus(cfg.Alerts.Prometheus)
	if err != nil {
		return result, err
	}
	return backtest.RunPast(ctx, cfg.Alerts, backtest.Past{
		Prometheus: section,
		Since:      cmp.Or(time.Duration(of.since), 24*time.Hour),
		Step:       time.Duration(cmp.Or(of.step, cfg.Collector.PollInterval)),
		Clusters:   cfg.Clusters(),
		Probed:     probed(cfg),
	})
}

// prometheus is the section of the configuration with the URL of the command line.
func (of backtestFlags) prometheus(configured *alerts.PrometheusConfig) (alerts.PrometheusConfig, error) {
	section := configured.At(of.url)
	if section.URL == "" {
		return section, usageError{errors.New("--since needs a Prometheus (give --prometheus.url=URL, or set " +
			"alerts.prometheus.url)")}
	}
	if faults := section.Validate(); len(faults) > 0 {
		return section, usageError{fmt.Errorf("--prometheus.%w", faults[0])}
	}
	return section, nil
}

// probed are the labels of the signals of the probe.
func probed(cfg config.Config) snapshot.Labels {
	of := cfg.ProbedJob()
	return snapshot.Labels{Cluster: of.Cluster, Job: of.Job}
}

func (of backtestFlags) fromFile(c console, cfg config.Config) (result backtest.Result, err error) {
	in, err := openInput(of.path)
	if err != nil {
		return result, err
	}
	defer in.Close()
	result, whole, err := backtest.RunText(cfg.Alerts, probed(cfg), in, of.path)
	if err == nil && !whole {
		c.say(of.path + " does not end in # EOF: it may be cut off")
	}
	return result, err
}
