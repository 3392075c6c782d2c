package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/internal/backtests"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
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
		if *format == "json" {
			return writeJSON(c, backtests.TriedOf(result))
		}
		return backtests.Text(c.stdout, result)
	}
}

func (of backtestFlags) run(ctx context.Context, c console, cfg config.Config) (result backtest.Result, err error) {
	samples := backtests.Samples{Config: cfg, Since: time.Duration(of.since), Say: c.say}
	kept := of.over.HistoryPath != "" || of.sidecarURL != ""
	switch {
	case of.path != "" && (of.url != "" || of.since > 0 || of.step > 0 || kept), of.url != "" && kept:
		return result, usageError{errors.New("FILE, a Prometheus and a history exclude each other (give the flags of one of " +
			"them)")}
	case of.path != "":
		in, err := openInput(of.path)
		if err != nil {
			return result, err
		}
		defer in.Close()
		return samples.OfFile(in, of.path)
	case of.url != "", of.since > 0 && cfg.Alerts.Prometheus != nil && !kept:
		section := cfg.Alerts.Prometheus.At(of.url)
		if faults := section.Validate(); len(faults) > 0 {
			return result, usageError{fmt.Errorf("--prometheus.%w", faults[0])}
		}
		return samples.OfPrometheus(ctx, section, time.Duration(of.step))
	case of.step > 0:
		return result, usageError{errors.New("--step is for a Prometheus: the samples of the history are as they are (leave it " +
			"out, or give --prometheus.url=URL)")}
	}
	where, err := of.standing(ctx, c)
	if err == nil {
		result, err = samples.OfHistory(ctx, where, kept)
	}
	if errors.Is(err, backtests.ErrNothingThere) {
		err = usageError{err}
	}
	return result, err
}
