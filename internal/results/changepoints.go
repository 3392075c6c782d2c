package results

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

// ChangePoints looks for change points in the standing measurements, and exports how many
// there are and how often they were real. It implements routes.ChangePoints. Use [NewChangePoints].
type ChangePoints struct {
	*history.Store
	block time.Duration
	log   *slog.Logger
	now   func() time.Time
	// triaged has a value when a triage was stored after the last look.
	triaged chan struct{}

	found atomic.Pointer[foundChanges]
}

// foundChanges is the result of a look.
type foundChanges struct {
	tallies map[episode.JobRef]changepoint.Tally
	report  changepoint.Report
}

// NewChangePoints looks for change points in blocks of measurements.
func NewChangePoints(store *history.Store, block time.Duration, log *slog.Logger) *ChangePoints {
	return &ChangePoints{
		Store: store, block: block, log: log.With("component", "changepoints"), now: time.Now,
		triaged: make(chan struct{}, 1),
	}
}

// PutTriage implements routes.ChangePoints. The metrics follow soon.
func (c *ChangePoints) PutTriage(one episode.Triage) error {
	err := c.Store.PutTriage(one)
	select {
	case c.triaged <- struct{}{}:
	default: // the next look is already asked for
	}
	return err
}

// Run looks once a block until ctx ends: nothing new is known before. A look reads two weeks of
// measurements, half a second of CPU time for each job.
func (c *ChangePoints) Run(ctx context.Context) error {
	ticker := time.NewTicker(c.block)
	defer ticker.Stop()
	for {
		if err := c.look(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("Change points cannot be looked for", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.triaged:
		case <-ticker.C:
		}
	}
}

// look searches every job.
func (c *ChangePoints) look(ctx context.Context) error {
	epochs, err := c.Epochs(episode.JobRef{}, history.MaxLimit)
	if err != nil {
		return err
	}
	found := foundChanges{map[episode.JobRef]changepoint.Tally{}, changepoint.NewReport()}
	seen := map[episode.JobRef]bool{}
	for _, e := range epochs {
		of := e.JobRef()
		if seen[of] || ctx.Err() != nil {
			continue
		}
		seen[of] = true
		report, err := routes.JobChangePoints(c, of, c.now().Add(-api.ChangesReach), c.block)
		if err != nil {
			return err
		}
		if report.Searched() > 0 || report.Tally.Positive+report.Tally.Negative > 0 {
			found.tallies[of] = report.Tally
		}
		found.report.Add(report)
	}
	c.found.Store(&found)
	return ctx.Err()
}

// Points are those of the last look, oldest first.
func (c *ChangePoints) Points() []changepoint.Point {
	if found := c.found.Load(); found != nil {
		return found.report.Points
	}
	return nil
}

var (
	changePointsDesc = prometheus.NewDesc("flink_sidecar_change_points",
		"Change points in the standing measurements: untriaged ones of the last 14 days, and all that people called positive "+
			"(real) or negative. A job with too few measurements has no series.", []string{"cluster", "job", "state"}, nil)
	precisionDesc = prometheus.NewDesc("flink_sidecar_change_point_precision_ratio_bound",
		"Bounds of the 95 % interval of the share of positive change points among the triaged ones. Without any there is no "+
			"series.", []string{"cluster", "job", "bound"}, nil)
)

// Describe implements prometheus.Collector.
func (c *ChangePoints) Describe(ch chan<- *prometheus.Desc) {
	ch <- changePointsDesc
	ch <- precisionDesc
}

// Collect implements prometheus.Collector.
func (c *ChangePoints) Collect(ch chan<- prometheus.Metric) {
	found := c.found.Load()
	if found == nil {
		return
	}
	seen := map[episode.JobRef]bool{} // shortened labels may be equal, series must not
	for of, tally := range found.tallies {
		at := episode.JobRef{Cluster: short(of.Cluster), Job: short(of.Job)}
		if seen[at] || len(seen) == maxChanges {
			continue
		}
		seen[at] = true
		for state, n := range map[episode.TriageState]int{
			episode.Untriaged: tally.Untriaged, episode.Positive: tally.Positive, episode.Negative: tally.Negative,
		} {
			ch <- prometheus.MustNewConstMetric(changePointsDesc, prometheus.GaugeValue, float64(n), at.Cluster, at.Job,
				string(state))
		}
		if tally.PrecisionLow == nil {
			continue
		}
		ch <- prometheus.MustNewConstMetric(precisionDesc, prometheus.GaugeValue, *tally.PrecisionLow, at.Cluster, at.Job, "low")
		ch <- prometheus.MustNewConstMetric(precisionDesc, prometheus.GaugeValue, *tally.PrecisionHigh, at.Cluster, at.Job,
			"high")
	}
}
