package app

import (
	"cmp"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/alerts/promrules"
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
			"alertname": promrules.AlertName(alert.Rule), "rule": alert.Rule, "severity": cmp.Or(alert.Severity, "warning"),
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
