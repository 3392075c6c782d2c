package webhook

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// OriginLabel and Origin mark every alert that the sidecar itself sends to
// Alertmanager. If such an alert comes back, it never opens an episode.
const (
	OriginLabel = "origin"
	Origin      = "flink-sidecar"
)

// maxText bounds each text from an alert, in bytes.
const maxText = 512

// The versions of a webhook's body. Grafana-managed alerts have the same fields.
const (
	versionAlertmanager = "4" // since Alertmanager 0.7
	versionGrafana      = "1"
)

// payload is the used part of a webhook's body. Later versions of the senders added
// fields, which are ignored.
type payload struct {
	Version string `json:"version"`
	// TruncatedAlerts is the number of alerts that max_alerts left out.
	TruncatedAlerts uint32    `json:"truncatedAlerts"`
	Alerts          []amAlert `json:"alerts"`
	// posted is true for a body of Alertmanager's API instead of a webhook's.
	posted bool
}

type amAlert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// parsePayload reads a body. Its errors are for the operator of the sender.
func parsePayload(body []byte, now time.Time) (payload, error) {
	if isPosted(body) {
		return parsePosted(body, now)
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("the body is not a webhook of Alertmanager: %w", err)
	}
	if p.Version != versionAlertmanager && p.Version != versionGrafana {
		return p, fmt.Errorf("the body has version %q of the webhook, which is neither Alertmanager's \"4\" nor "+
			"Grafana's \"1\"", clip(p.Version))
	}
	return p, nil
}

// own reports whether the sidecar sent the alert.
func (a amAlert) own() bool { return a.Labels[OriginLabel] == Origin }

// OwnRules is the prefix of the alertname of the rules that the sidecar writes for
// Prometheus. They carry the sidecar's name of the rule as a label.
const OwnRules = "FlinkSidecar"

// rule returns the name of the rule. The label rule is used only for the sidecar's own
// rules, because other rules may use it for another purpose.
func (a amAlert) rule() string {
	name := a.Labels["alertname"]
	if strings.HasPrefix(name, OwnRules) {
		return cmp.Or(a.Labels["rule"], name)
	}
	return name
}

// alert translates the alert. It refuses an alert without a name, with an unknown
// status, or with a time that can't be stored.
func (a amAlert) alert() (episode.Alert, bool) {
	out := episode.Alert{
		Rule:    clip(a.rule()),
		Source:  episode.FromAlertmanager,
		Cluster: clip(cmp.Or(a.Labels["exported_cluster"], a.Labels["cluster"])),
		Job:     clip(a.job()),
		Labels: episode.JobLabels{
			ID: clip(a.Labels["job_id"]), Name: clip(a.Labels["job_name"]), Scrape: a.Labels["exported_job"] == "" &&
				a.Labels["job"] != "",
		},
		Symptom: clip(a.Labels["symptom"]),
		Vertex:  clip(cmp.Or(a.Labels["vertex_id"], a.Labels["vertex"])),
		Process: clip(a.Labels["process"]),
		Summary: clip(a.Annotations["summary"]),

		Severity:    clip(a.Labels["severity"]),
		Runbook:     clip(a.Annotations["runbook_url"]),
		StartsAt:    a.StartsAt.UTC(),
		Fingerprint: clip(a.Fingerprint),
	}
	if a.Status == "resolved" {
		out.ResolvedAt = a.EndsAt.UTC()
	}
	known := a.Status == "firing" || a.Status == "resolved" && !a.EndsAt.IsZero()
	return out, known && out.Rule != "" && storable(a.StartsAt) && storable(a.EndsAt)
}

// storable reports whether a time that was read can also be written. Go reads zones
// such as +24:00 and offsets that lead into the year 10000, but refuses to write them.
func storable(t time.Time) bool {
	_, asIs := t.MarshalJSON()
	_, inUTC := t.UTC().MarshalJSON()
	return asIs == nil && inUTC == nil
}

// job returns the name of the Flink job. If Prometheus scrapes the sidecar's metrics
// without honor_labels, the label job is the name of the scrape configuration and the
// sidecar's label is renamed to exported_job.
func (a amAlert) job() string {
	if moved := a.Labels["exported_job"]; moved != "" {
		return moved
	}
	return a.Labels["job"]
}

// clip shortens a text to maxText, between two characters.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
