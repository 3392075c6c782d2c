// Package backtests runs trend rules over recorded samples, of a file, of a Prometheus or of the
// history, and shows what would have fired.
package backtests

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// ErrNothingThere is the error where no samples were named and the default has none.
var ErrNothingThere = errors.New("without FILE and --prometheus.url the samples are those of the history")

// Samples are recorded ones, and the rules that run over them.
type Samples struct {
	Config config.Config
	// Since is how much of the past to take; 0 is the default of the source.
	Since time.Duration
	// Say takes sentences about what is weak in the samples.
	Say func(sentence string)
}

// probed are the labels of the signals of the probe.
func (s Samples) probed() snapshot.Labels {
	of := s.Config.ProbedJob()
	return snapshot.Labels{Cluster: of.Cluster, Job: of.Job}
}

// OfFile runs the rules over a text in OpenMetrics; name is that of its file.
func (s Samples) OfFile(in io.Reader, name string) (backtest.Result, error) {
	result, whole, err := backtest.RunText(s.Config.Alerts, s.probed(), in, name)
	if err == nil && !whole {
		s.Say(name + " does not end in # EOF: it may be cut off")
	}
	return result, err
}

// OfPrometheus runs the rules over the answers of a Prometheus, by default those of a day. A step of 0
// is the interval of the polls.
func (s Samples) OfPrometheus(
	ctx context.Context, section alerts.PrometheusConfig, step time.Duration,
) (backtest.Result, error) {
	return backtest.RunPast(ctx, s.Config.Alerts, backtest.Past{
		Prometheus: section,
		Since:      cmp.Or(s.Since, 24*time.Hour),
		Step:       cmp.Or(step, time.Duration(s.Config.Collector.PollInterval)),
		Clusters:   s.Config.Clusters(),
		Probed:     s.probed(),
	})
}

// OfHistory runs the rules over what a history keeps. Where it was not named and is not there, the
// error is an [ErrNothingThere].
func (s Samples) OfHistory(ctx context.Context, where holder.History, named bool) (backtest.Result, error) {
	var since time.Time
	if s.Since > 0 {
		since = time.Now().Add(-s.Since)
	}
	stored := func(each func(page []byte) error) error { return where.Samples(ctx, since, each) }
	result, err := backtest.RunStored(s.Config.Alerts, s.probed(), stored,
		"the history "+cmp.Or(where.URL, where.Path), func(err error) { s.Say(err.Error()) })
	if err == nil || named {
		return result, err
	}
	if _, missing := os.Stat(where.Path); errors.Is(missing, fs.ErrNotExist) {
		return result, fmt.Errorf("%w: %w", ErrNothingThere, err)
	}
	return result, fmt.Errorf("%s: %w", ErrNothingThere.Error(), err)
}
