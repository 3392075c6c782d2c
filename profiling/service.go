package profiling

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// Service is all of profiling for one sidecar: it selects targets, takes their profiles
// within the budget, and shows the results and the cost. It is a prometheus.Collector of
// the latter two.
type Service struct {
	planner

	trees     *Trees
	losses    *losses
	overhead  *overhead
	breakdown *breakdown
	push      func(episode.JobRef, episode.Profile, *flame.Tree)
	log       *slog.Logger
}

// Options are what a [Service] needs.
type Options struct {
	Config   Config
	Clusters Clusters
	Store    *pagestore.Store
	Locks    Locks
	// Paused reports whether profiling is paused; it is called before each profile.
	Paused func() bool
	// Push receives each profile, for example to send it elsewhere; nil means none.
	Push func(episode.JobRef, episode.Profile, *flame.Tree)
	Log  *slog.Logger
}

// NewService returns a service with a full budget. It sends no request to Flink yet.
func NewService(o Options) *Service {
	log := o.Log.With("component", "profiles")
	budget := NewBudget(o.Config.PerDay, time.Duration(o.Config.CoolDown), time.Now)
	return &Service{
		planner:  planner{cfg: o.Config, clusters: o.Clusters, budget: budget, paused: o.Paused},
		trees:    NewTrees(o.Store),
		losses:   &losses{budget: budget, locks: o.Locks, log: log},
		overhead: newOverhead(), breakdown: newBreakdown(), push: o.Push, log: log,
	}
}

// SelectTarget returns the process that is most relevant to an alert, with the modes to
// profile it in, and takes both out of the budget. The error says why no process is
// profiled.
func (s *Service) SelectTarget(ctx context.Context, alert episode.Alert) (episode.Target, error) {
	return s.selectTarget(ctx, alert)
}

// Take takes the profiles of a target. Those it returns count even when it fails.
func (s *Service) Take(ctx context.Context, target episode.Target) ([]episode.Profile, error) {
	if s.paused() {
		return nil, errPaused
	}
	c, err := s.clusters.Profiled(target.Cluster)
	if err != nil {
		return nil, fmt.Errorf("profiling: %w", err)
	}
	taking := session{Service: s, cluster: c, target: target}
	return taking.run(ctx)
}

// Polled updates, after a poll of a cluster, the cost of profiles, and locks out vertices
// whose process was lost soon after a run.
func (s *Service) Polled(state snapshot.State) {
	if !state.Known {
		return
	}
	now := time.Now()
	s.overhead.polled(state, now)
	s.breakdown.keepOnly(state)
	s.losses.polled(state, now)
}

// Trees returns the source of whole profiles by the hash of their page.
func (s *Service) Trees() *Trees { return s.trees }

// Left is how many automatic profiles are left in the last 24 hours.
func (s *Service) Left() int { return s.budget.Left() }

// SetPerDay changes how many automatic profiles any 24 hours may have.
func (s *Service) SetPerDay(perDay int) { s.budget.SetPerDay(perDay) }

// RestoreLocks restores the lock-outs of an earlier process of the sidecar.
func (s *Service) RestoreLocks(until map[string]time.Time) { s.budget.RestoreLocks(until) }

// Unlock ends every lock-out.
func (s *Service) Unlock() { s.losses.unlock() }

// Restore takes over from episodes of earlier processes, newest first: what their
// Profiles took out of the budget, and the latest profile of each mode for the metrics.
func (s *Service) Restore(recent []episode.Episode) {
	s.restore(recent)
	for _, ep := range recent {
		s.restoreBreakdown(ep)
	}
}

func (s *Service) restoreBreakdown(ep episode.Episode) {
	for _, profile := range ep.Profiles {
		if profile.Role == episode.Control || profile.Mode == string(flame.Vertex) ||
			s.breakdown.has(ep.Alert.JobRef(), profile) {
			continue
		}
		tree, err := s.trees.store.Tree(profile.Hash)
		if err != nil {
			s.log.Info("An earlier profile is missing in the metrics", "profile", profile.ID, "err", err)
			continue
		}
		s.breakdown.publish(ep.Alert.JobRef(), profile, tree)
	}
}

var _ prometheus.Collector = (*Service)(nil)

// Describe implements prometheus.Collector.
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	s.overhead.throughput.Describe(ch)
	s.breakdown.Describe(ch)
	BudgetLeft(s.budget).Describe(ch)
}

// Collect implements prometheus.Collector.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	s.overhead.throughput.Collect(ch)
	s.breakdown.Collect(ch)
	BudgetLeft(s.budget).Collect(ch)
}
