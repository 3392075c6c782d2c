package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// parsePosted reads a body of Alertmanager's API v2, as vmalert and Prometheus send it: a list of
// alerts without a status and a fingerprint. An alert fires until its end, which its sender moves
// on.
func parsePosted(body []byte, now time.Time) (payload, error) {
	p := payload{posted: true}
	if err := json.Unmarshal(body, &p.Alerts); err != nil {
		return p, fmt.Errorf("the body is not a list of alerts of Alertmanager's API v2: %w", err)
	}
	for i := range p.Alerts {
		a := &p.Alerts[i]
		a.Status = "resolved"
		if a.EndsAt.IsZero() || a.EndsAt.After(now) {
			a.Status, a.EndsAt = "firing", time.Time{}
		}
		a.Fingerprint = a.computed()
	}
	return p, nil
}

// isPosted reports whether a body is a list.
func isPosted(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) }

// computed is the fingerprint that Alertmanager gives the alert.
func (a amAlert) computed() string {
	labels := make(model.LabelSet, len(a.Labels))
	for name, value := range a.Labels {
		labels[model.LabelName(name)] = model.LabelValue(value)
	}
	return labels.Fingerprint().String()
}
