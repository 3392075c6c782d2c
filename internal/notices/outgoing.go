package notices

import (
	"cmp"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Outgoing sends the sidecar's own alerts, those of trends and of troubles, to Alertmanager.
// Alerts that came from there are not sent back.
type Outgoing struct {
	Sender *notify.Sender // nil unless an Alertmanager is configured
	Page   string
}

// Tell sends an alert that began, or its end. id is the episode that covers it; empty for none.
func (o Outgoing) Tell(alert episode.Alert, id string) {
	own := alert.Source == episode.FromTrend || alert.Source == episode.FromTrouble
	if o.Sender == nil || !own || alert.Omits(episode.ActionNotify) {
		return
	}
	key := "alert\x1f" + alert.Fingerprint
	if alert.Resolved() {
		o.Sender.Resolve(key, alert.ResolvedAt)
		return
	}
	o.Sender.Fire(key, o.alert(alert, id))
}

// alert has the labels that the rule file of the same rules gives it.
func (o Outgoing) alert(alert episode.Alert, id string) notify.Alert {
	out := notify.Alert{
		Labels: map[string]string{
			"alertname": alerts.AlertName(alert.Rule), "rule": alert.Rule, "severity": cmp.Or(alert.Severity, "warning"),
			"cluster": alert.Cluster, "job": alert.Job, "vertex": alert.Vertex, "process": alert.Process,
		},
		Annotations: map[string]string{"summary": alert.Summary},
		StartsAt:    alert.StartsAt, Page: o.Page,
	}
	if alert.Runbook != "" {
		out.Annotations["runbook_url"] = alert.Runbook
	}
	if id != "" {
		out.Page = o.Page + "/episodes/" + id
		out.Annotations["episode"] = out.Page
	}
	return out
}
