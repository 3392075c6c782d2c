package app

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// reloading is a part of the configuration that takes effect without a restart.
type reloading struct {
	keys, except []string
	// prepare reads what the keys name. What it returns takes them over, and cannot fail.
	prepare func(config.Config) (take func(), err error)
	// note takes the keys over into the configuration in use.
	note func(inUse, read *config.Config)
}

// anyOf reports whether a key is one of the parts.
func anyOf(parts []reloading, key string) bool {
	return slices.ContainsFunc(parts, func(p reloading) bool {
		return config.Under(key, p.keys...) && !config.Under(key, p.except...)
	})
}

// reloadable are the parts that take effect without a restart: those that open nothing, and the
// connection with Alertmanager.
func (a *App) reloadable() []reloading {
	parts := []reloading{
		{
			keys: []string{"alerts"}, except: []string{"alerts.webhook", "alerts.prometheus"},
			prepare: func(c config.Config) (func(), error) { return func() { a.trends.Reload(c.Alerts) }, nil },
			note: func(inUse, read *config.Config) {
				webhook, past := inUse.Alerts.Webhook, inUse.Alerts.Prometheus
				inUse.Alerts = read.Alerts
				inUse.Alerts.Webhook, inUse.Alerts.Prometheus = webhook, past
			},
		},
		{
			keys: []string{
				"advisor.focus", "advisor.prompt_template_file", "advisor.max_evidence", "advisor.requests_per_day",
			},
			prepare: func(c config.Config) (func(), error) { return a.advisor.Reload(c.Advisor) },
			note: func(inUse, read *config.Config) {
				of, from := &inUse.Advisor, read.Advisor
				of.Focus, of.PromptTemplateFile = from.Focus, from.PromptTemplateFile
				of.MaxEvidence, of.RequestsPerDay = from.MaxEvidence, from.RequestsPerDay
			},
		},
		{
			keys: []string{"profiling.per_day"},
			prepare: func(c config.Config) (func(), error) {
				return func() { a.profiles.SetPerDay(c.Profiling.PerDay) }, nil
			},
			note: func(inUse, read *config.Config) { inUse.Profiling.PerDay = read.Profiling.PerDay },
		},
	}
	return append(parts, a.reloadableNotices()...)
}

// reloadableNotices are those of the sections notify and grafana. One that was not there at the start,
// or is gone, needs a restart.
func (a *App) reloadableNotices() (parts []reloading) {
	nothing := func() {}
	if a.sender != nil {
		parts = append(parts, reloading{
			keys: []string{"notify.alertmanager"},
			prepare: func(c config.Config) (func(), error) {
				if c.Notify == nil {
					return nothing, nil
				}
				return a.sender.Reload(*c.Notify.Alertmanager)
			},
			note: func(inUse, read *config.Config) {
				if read.Notify != nil {
					inUse.Notify = read.Notify
				}
			},
		})
	}
	if a.notifier != nil {
		parts = append(parts, reloading{
			keys: []string{"grafana.tags", "grafana.max_per_hour", "grafana.keep"},
			prepare: func(c config.Config) (func(), error) {
				if c.Grafana == nil {
					return nothing, nil
				}
				return func() { a.notifier.Reload(*c.Grafana) }, nil
			},
			note: func(inUse, read *config.Config) {
				if read.Grafana != nil {
					grafana := *inUse.Grafana
					grafana.Tags, grafana.MaxPerHour = read.Grafana.Tags, read.Grafana.MaxPerHour
					grafana.Keep = read.Grafana.Keep
					inUse.Grafana = &grafana
				}
			},
		})
	}
	return parts
}
