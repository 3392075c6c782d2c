package app

import (
	"cmp"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// outgoing sends the sidecar's own alerts, those of trends and of troubles, to Alertmanager.
// Alerts that came from there are not sent back.
type outgoing struct {
	sender *notify.Sender // nil unless an Alertmanager is configured
	page   string
}

// tell sends an alert that began, or its end. id is the episode that covers it; empty for none.
func (o outgoing) tell(alert episode.Alert, id string) {
	own := alert.Source == episode.FromTrend || alert.Source == episode.FromTrouble
	if o.sender == nil || !own || alert.Omits(episode.ActionNotify) {
		return
	}
	key := "alert\x1f" + alert.Fingerprint
	if alert.Resolved() {
		o.sender.Resolve(key, alert.ResolvedAt)
		return
	}
	o.sender.Fire(key, o.alert(alert, id))
}

// alert has the labels that the rule file of the same rules gives it.
func (o outgoing) alert(alert episode.Alert, id string) notify.Alert {
	out := notify.Alert{
		Labels: map[string]string{
			"alertname": alerts.AlertName(alert.Rule), "rule": alert.Rule, "severity": cmp.Or(alert.Severity, "warning"),
			"cluster": alert.Cluster, "job": alert.Job, "vertex": alert.Vertex, "process": alert.Process,
		},
		Annotations: map[string]string{"summary": alert.Summary},
		StartsAt:    alert.StartsAt, Page: o.page,
	}
	if alert.Runbook != "" {
		out.Annotations["runbook_url"] = alert.Runbook
	}
	if id != "" {
		out.Page = o.page + "/episodes/" + id
		out.Annotations["episode"] = out.Page
	}
	return out
}

func (a *App) outgoing() outgoing { return outgoing{sender: a.sender, page: a.pageURL()} }

// openNotices opens what tells others of the sidecar's results.
func (a *App) openNotices() (err error) {
	if a.cfg.Notify != nil {
		if a.sender, err = notify.New(*a.cfg.Notify.Alertmanager, a.log); err != nil {
			return err
		}
		a.closers.add("notify", func() error { a.sender.Close(); return nil })
		a.registry.MustRegister(a.sender)
	}
	if a.cfg.Grafana == nil {
		return nil
	}
	if a.notifier, err = grafana.New(*a.cfg.Grafana, a.log); err != nil {
		return err
	}
	a.closers.add("grafana", func() error { a.notifier.Close(); return nil })
	for _, c := range a.clusters {
		a.notifier.Clusters = append(a.notifier.Clusters, c.Name())
	}
	a.registry.MustRegister(a.notifier.Collector())
	a.annotations = annotations.New(a.notifier, a.store, a.pageURL(), a.log)
	return nil
}
