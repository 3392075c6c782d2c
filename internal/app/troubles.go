package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
)

// lookForTroubles is how often targets and the probe are looked at, and unaccepted alerts
// submitted again. The collectors report each poll by themselves.
const lookForTroubles = 5 * time.Second

// troubles passes what the other parts know to a watch, and what the watch finds to the
// loop. It is a prometheus.Collector of the present troubles.
type troubles struct {
	watch *trouble.Watch
	app   *App
	// found wakes the actor up after a poll.
	found chan struct{}
	log   *slog.Logger
	// looking is held from reading a state until it is taken over: an older state must not
	// follow a newer one.
	looking sync.Mutex
}

func newTroubles(a *App) *troubles {
	return &troubles{
		watch: trouble.NewWatch(), app: a, found: make(chan struct{}, 1), log: a.log.With("component", "troubles"),
	}
}

// polled takes the result of a poll; it does not wait.
func (t *troubles) polled(state snapshot.State) {
	t.watch.Polled(state)
	select {
	case t.found <- struct{}{}:
	default:
	}
}

// run looks for troubles and submits their beginnings and ends to the loop until ctx ends.
func (t *troubles) run(ctx context.Context) error {
	ticker := time.NewTicker(min(lookForTroubles, time.Duration(t.app.cfg.Collector.PollInterval)))
	defer ticker.Stop()
	var waiting []trouble.News
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-t.found:
		}
		t.look(time.Now())
		waiting = t.deliver(append(waiting, t.watch.TakeNews()...))
	}
}

// look takes over the state of the targets and of the probe.
func (t *troubles) look(now time.Time) {
	t.looking.Lock()
	defer t.looking.Unlock()
	var targets []trouble.Target
	for _, target := range t.app.targets() {
		targets = append(targets, trouble.Target{
			Name: target.Name, Cluster: target.Cluster, Up: target.Up, Since: target.Since, Problems: target.Problems,
		})
	}
	t.watch.Targets(targets, now)
	if t.app.prober != nil {
		t.watch.Probed(t.app.probed(), now)
	}
}

// probed is the account of the probe as the watch needs it.
func (a *App) probed() trouble.Probe {
	status, of := a.prober.Status(), a.cfg.ProbedJob()
	p := trouble.Probe{
		Cluster: of.Cluster, Job: snapshot.Job{Name: of.Job}, Blind: status.Paused,
		OnTimeWithin: time.Duration(a.cfg.Probe.OnTimeWithin),
	}
	if job, listed := a.clusters.Job(of); listed {
		p.Job = job
	}
	for _, target := range status.Targets {
		p.Blind = p.Blind || target.Up != nil && !*target.Up
	}
	for _, account := range status.Accounts {
		p.Sinks = append(p.Sinks, trouble.Sink{
			Name:    account.Sink,
			Pending: account.Outcomes[episode.Pending], Lost: account.Outcomes[episode.Lost],
			Arrived: account.Seen(),
		})
	}
	return p
}

// deliver submits news to the loop and returns what it could not take. A trouble knows its
// job exactly, so no router has to find it.
func (t *troubles) deliver(news []trouble.News) (waiting []trouble.News) {
	for _, n := range news {
		alert := alertOf(n)
		receipt, err := t.app.loop.Submit(alert)
		if err != nil {
			t.log.Warn("Trouble not accepted, it is submitted again", "rule", n.Rule(), "cluster", n.Cluster, "job", n.Job,
				"err", err)
			waiting = append(waiting, n)
			continue
		}
		t.app.outgoing().Tell(alert, receipt.Episode)
		t.log.Info("Trouble", "rule", n.Rule(), "cluster", n.Cluster, "job", n.Job, "subject", n.Subject,
			"over", !n.Ended.IsZero(), "accepted", receipt.Accepted, "reason", receipt.Reason, "seen", n.Seen)
	}
	return waiting
}

// alertOf is the beginning or the end of a trouble as an alert. Its fingerprint stays,
// whatever its job and its subject become while it lasts.
func alertOf(n trouble.News) episode.Alert {
	return episode.Alert{
		Rule: n.Rule(), Source: episode.FromTrouble, Cluster: n.Cluster, Job: n.Job, Vertex: n.Vertex,
		Summary: n.What + ": " + n.Seen + " (" + n.Do + ")", StartsAt: n.Since, ResolvedAt: n.Ended,
		Fingerprint: "trouble\x1f" + n.ID(), Runbook: runbookOf(n.Trouble),
	}
}

// runbookOf is the page about a trouble. All targets share one.
func runbookOf(t trouble.Trouble) string {
	if t.Kind == trouble.TargetDown {
		return alerts.RunbookOf(string(t.Kind))
	}
	return alerts.RunbookOf(t.Rule())
}

// status lists the present troubles, after another look: a server may have come up since
// the last one.
func (t *troubles) status() []api.Trouble {
	t.look(time.Now())
	var out []api.Trouble
	for _, one := range t.watch.List() {
		out = append(out, api.Trouble{
			Kind: string(one.Kind), Rule: one.Rule(), Cluster: one.Cluster, Job: one.Job, Subject: one.Subject,
			Since: one.Since, What: one.What, Seen: one.Seen, Do: one.Do,
		})
	}
	return out
}

const troubleHelp = "1 while something is wrong; absent otherwise. The kind says what: job-stalled, restart-loop, taskmanager-gone, " +
	"checkpoints-failing, probe-records-missing, checkpoint-slow or target-down. Cluster and job are empty where it " +
	"concerns none or several."

var troubleDesc = prometheus.NewDesc("flink_sidecar_trouble", troubleHelp, []string{"cluster", "job", "kind"}, nil)

// Describe implements prometheus.Collector.
func (*troubles) Describe(ch chan<- *prometheus.Desc) { ch <- troubleDesc }

// Collect implements prometheus.Collector.
func (t *troubles) Collect(ch chan<- prometheus.Metric) {
	type labels struct{ cluster, job, kind string }
	sent := map[labels]bool{}
	for _, one := range t.watch.List() {
		of := labels{one.Cluster, one.Job, string(one.Kind)}
		if !sent[of] { // two targets that are down are one series
			sent[of] = true
			ch <- prometheus.MustNewConstMetric(troubleDesc, prometheus.GaugeValue, 1, of.cluster, of.job, of.kind)
		}
	}
}
