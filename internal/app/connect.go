package app

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/trendfeed"
	"github.com/flink-sidecar/flink-sidecar/internal/web"
)

// budgetSpan is how far back a budget looks.
const budgetSpan = 24 * time.Hour

// restore takes over from earlier processes what their profiles took out of the budget
// and which vertices are locked out.
func (a *App) restore() error {
	locked, err := a.store.LockedOut()
	if err != nil {
		return fmt.Errorf("reading the locked-out vertices: %w", err)
	}
	a.profiles.RestoreLocks(locked)
	if a.annotations != nil {
		if err := a.annotations.Restore(); err != nil {
			return err
		}
	}
	for before, since := "", time.Now().Add(-budgetSpan); ; {
		page, err := a.store.Episodes(episode.JobRef{}, before, 0)
		if err != nil {
			return fmt.Errorf("reading recent episodes: %w", err)
		}
		a.profiles.Restore(page)
		if len(page) == 0 || page[len(page)-1].Opened.Before(since) {
			return nil
		}
		before = page[len(page)-1].ID
	}
}

// connect passes the results of each collector on, and opens the server for requests.
func (a *App) connect() error {
	for _, c := range a.clusters {
		signals := a.newSignals(c)
		c.OnPoll = func() {
			signals.Offer()
			a.profiles.Polled(c.State())
			a.troubles.polled(c.State())
		}
		if !a.options.OnDemand {
			c.OnEpoch = a.epochs.Changed
		}
	}
	page := web.NewHandler(a.status, a.store, a.store, a.store, a.log)
	page.Scores, page.Changes = a.trends.Scores, a.changePoints.Points
	page.Checks = a.checkup.Last
	page.Epochs, page.Production = a.store.Epochs, a.production
	a.server.Handle(a.registry, server.Handlers{
		API:      routes.NewHandler(a.apiSources(), a.log),
		Webhook:  a.webhook,
		Profiles: server.ServePages(a.pages),
		Page:     page,

		WebhookToken: a.cfg.Alerts.Webhook.TokenFile != "",
		Health:       a.health,
		Ready:        a.unwritten,
		Reload:       a.Reload,
	})
	if err := a.store.Announce(a.server.URL()); err != nil {
		// Only commands on this machine need the owner file: they will name the holder.
		a.log.Warn("Other commands cannot find this sidecar by its history", "err", err)
	}
	return nil
}

// production is the table "What changed?" of epochs of a job, from one on.
func (a *App) production(of episode.JobRef, since string) (outcome.Table, error) {
	return routes.ProductionTable(a.store, of, since, a.cfg.Evaluate.Block.String())
}

// newSignals reads the signals of a cluster, and those of the probe of one of its jobs.
func (a *App) newSignals(c *clusters.Cluster) *trendfeed.Feed {
	of := a.cfg.ProbedJob()
	var more []prometheus.Collector
	if a.prober != nil && of.Cluster == c.Name() {
		more = append(more, a.probePage)
	}
	s := trendfeed.New(c.Collector, a.trends, a.log, more...)
	if more != nil {
		s.Reader.Probed = snapshot.Labels{Cluster: of.Cluster, Job: of.Job}
	}
	s.Past = a.pastOf(c.Name())
	a.replay(s)
	return s
}

// replay takes the past of a cluster from the history. Where Prometheus refills the trends it is
// kept for the case that this fails.
func (a *App) replay(s *trendfeed.Feed) {
	if a.past == nil {
		s.Past.Replay(time.Now(), s.Reader, a.trends.Observe)
		return
	}
	reader := signal.NewReader()
	reader.Probed = s.Reader.Probed
	s.Past.Replay(time.Now(), reader, func(o signal.Observation) { a.replayed = append(a.replayed, o) })
}
