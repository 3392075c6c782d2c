package promrules

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Render writes the rules of the section that are on, and the fixed ones about jobs, the probe
// and the sidecar itself. The section must be valid. probed is the job of the probe; empty where
// it is not known. The metrics of the probe do not name it, so its alerts do.
func Render(c alerts.Config, probed episode.JobRef) File { return render(c, probed, false) }

// render writes signals that are computed as recording rules, or inline where there can be none.
func render(c alerts.Config, probed episode.JobRef, inline bool) File {
	trends, records := Group{Name: "flink-sidecar.trends"}, Group{Name: "flink-sidecar.signals"}
	for _, rule := range c.EffectiveRules() {
		written, record := trendAlert(rule, time.Duration(c.KeepFiringFor), inline)
		if row, _ := signal.Lookup(rule.Signal); row.Subject == signal.OfProbe {
			if probed.Job != "" && !rule.Matches(signal.Observation{Labels: snapshot.Labels{Cluster: probed.Cluster, Job: probed.Job}}) {
				continue // the sidecar itself never raises it
			}
			written = written.about(probed)
		}
		trends.Rules = append(trends.Rules, written)
		if record != nil && !slices.ContainsFunc(records.Rules, func(r Rule) bool { return r.Record == record.Record }) {
			records.Rules = append(records.Rules, *record)
		}
	}
	burned := recordedBurn
	if inline {
		burned = burnExpr
	} else {
		records.Rules = append(records.Rules, burnRecords()...)
	}
	probe, itself := burnAlerts(burned), ofItself()
	for _, rules := range [][]Rule{probe, itself} {
		for i, r := range rules {
			if strings.HasPrefix(r.Alert, ofProbe) {
				rules[i] = r.about(probed)
			}
		}
	}
	return File{Groups: []Group{
		records,
		trends,
		{Name: "flink-sidecar.jobs", Rules: ofJobs()},
		{Name: "flink-sidecar.probe", Rules: probe},
		{Name: "flink-sidecar.itself", Rules: itself},
	}}
}

// ofProbe is the prefix of the fixed alerts about the probe.
const ofProbe = "FlinkSidecarProbe"

// about sets whose alert it is, where that is known.
func (r Rule) about(l episode.JobRef) Rule {
	r.Labels = maps.Clone(r.Labels)
	for name, value := range map[string]string{"cluster": l.Cluster, "job": l.Job} {
		if value != "" {
			r.Labels[name] = templateText(value)
		}
	}
	return r
}

// templateText writes a text so that Prometheus' template yields it.
func templateText(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
