package promrules

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
)

// Render writes the rules of the section that are on, and the fixed ones about jobs, the probe
// and the sidecar itself. The section must be valid.
func Render(c alerts.Config) File { return render(c, false) }

// render writes signals that are computed as recording rules, or inline where there can be none.
func render(c alerts.Config, inline bool) File {
	trends, records := Group{Name: "flink-sidecar.trends"}, Group{Name: "flink-sidecar.signals"}
	for _, rule := range c.EffectiveRules() {
		written, record := trendAlert(rule, time.Duration(c.KeepFiringFor), inline)
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
	return File{Groups: []Group{
		records,
		trends,
		{Name: "flink-sidecar.jobs", Rules: ofJobs()},
		{Name: "flink-sidecar.probe", Rules: burnAlerts(burned)},
		{Name: "flink-sidecar.itself", Rules: ofItself()},
	}}
}
