package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// backtestFlags name the samples: a file, a Prometheus or, without either, the history.
type backtestFlags struct {
	*configFlags

	path        string
	url         string
	since, step model.Duration
}

func backtestCommand(clause *kingpin.CmdClause) action {
	of := backtestFlags{configFlags: addThroughFlags(clause)}
	format := addScoreFormat(clause)
	clause.Flag("prometheus.url", "Prometheus that scrapes the sidecar; overrides alerts.prometheus.url, whose http "+
		"settings apply.").StringVar(&of.url)
	clause.Flag("since", "How much of the past to take, such as 7d. Default: 1d of a Prometheus, and all that the history "+
		"has. Where alerts.prometheus.url is set, it chooses that Prometheus.").SetValue(&of.since)
	clause.Flag("step", "Time between two samples from Prometheus. Default: collector.poll_interval.").SetValue(&of.step)
	clause.Arg("file", "Samples with time stamps in OpenMetrics text, as promtool tsdb dump-openmetrics writes "+
		"them; - is standard input.").SetValue((*fileArg)(&of.path))
	return func(ctx context.Context, c console) error {
		of.over.NoFlink = true
		cfg, err := of.load()
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
		return printTried(c, *format, result)
	}
}

func (of backtestFlags) run(ctx context.Context, c console, cfg config.Config) (result backtest.Result, err error) {
	kept := of.over.HistoryPath != "" || of.sidecarURL != ""
	switch {
	case of.path != "" && (of.url != "" || of.since > 0 || of.step > 0 || kept), of.url != "" && kept:
		return result, usageError{errors.New("FILE, a Prometheus and a history exclude each other (give the flags of one of " +
			"them)")}
	case of.path != "":
		return of.fromFile(c, cfg)
	case of.url != "", of.since > 0 && cfg.Alerts.Prometheus != nil && !kept:
		return of.fromPrometheus(ctx, cfg)
	case of.step > 0:
		return result, usageError{errors.New("--step is for a Prometheus: the samples of the history are as they are (leave it " +
			"out, or give --prometheus.url=URL)")}
	}
	return of.fromHistory(ctx, c, cfg)
}

func (of backtestFlags) fromPrometheus(ctx context.Context, cfg config.Config) (result backtest.Result, err error) {
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

func (of backtestFlags) fromHistory(
	ctx context.Context, c console, cfg config.Config,
) (result backtest.Result, err error) {
	where, err := of.standing(ctx, c)
	if err != nil {
		return result, err
	}
	var since time.Time
	if of.since > 0 {
		since = time.Now().Add(-time.Duration(of.since))
	}
	stored := func(each func(page []byte) error) error { return where.Samples(ctx, since, each) }
	result, err = backtest.RunStored(cfg.Alerts, probed(cfg), stored, "the history "+cmp.Or(where.URL, where.Path),
		func(err error) { c.say(err.Error()) })
	if err != nil && of.over.HistoryPath == "" && of.sidecarURL == "" {
		err = fmt.Errorf("without FILE and --prometheus.url the samples are those of the history: %w", err)
		if _, missing := os.Stat(where.Path); errors.Is(missing, fs.ErrNotExist) {
			err = usageError{err} // nothing was named, and nothing is there
		}
	}
	return result, err
}

// prometheus is the section of the configuration with the URL of the command line.
func (of backtestFlags) prometheus(configured *alerts.PrometheusConfig) (alerts.PrometheusConfig, error) {
	section := configured.At(of.url)
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
		return result, fmt.Errorf("%w (name a file of samples in OpenMetrics text)", err)
	}
	defer in.Close()
	result, whole, err := backtest.RunText(cfg.Alerts, probed(cfg), in, of.path)
	if err == nil && !whole {
		c.say(of.path + " does not end in # EOF: it may be cut off")
	}
	return result, err
}
