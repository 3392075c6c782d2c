package app

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// reloads remembers how the last reload of the configuration went.
type reloads struct {
	mu         sync.Mutex
	successful bool
	at         time.Time
}

var (
	reloadOKDesc = prometheus.NewDesc("flink_sidecar_config_last_reload_successful",
		"1 if the last reload of the configuration succeeded, or none was tried since the start; 0 if it had faults.",
		nil, nil)
	reloadAtDesc = prometheus.NewDesc("flink_sidecar_config_last_reload_success_timestamp_seconds",
		"When the configuration in use was read, in Unix time.", nil, nil)
)

// Describe implements prometheus.Collector.
func (r *reloads) Describe(ch chan<- *prometheus.Desc) {
	ch <- reloadOKDesc
	ch <- reloadAtDesc
}

// Collect implements prometheus.Collector.
func (r *reloads) Collect(ch chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	successful := 0.0
	if r.successful {
		successful = 1
	}
	ch <- prometheus.MustNewConstMetric(reloadOKDesc, prometheus.GaugeValue, successful)
	ch <- prometheus.MustNewConstMetric(reloadAtDesc, prometheus.GaugeValue, float64(r.at.UnixMilli())/1000)
}

// Reload reads the configuration again and takes over what can change while the sidecar
// runs: the trend rules and their times. The text says what needs a restart. With faults
// nothing changes.
func (a *App) Reload() (text string, err error) {
	a.reloads.mu.Lock()
	defer a.reloads.mu.Unlock()
	if a.options.Reload == nil {
		return "", fmt.Errorf("this sidecar has no configuration file to read again (restart it with one)")
	}
	cfg, err := a.options.Reload()
	a.reloads.successful = err == nil
	if err != nil {
		a.log.Error("The configuration has faults; the one before it stays in use", "err", err)
		return "", err
	}
	a.reloads.at = time.Now()
	a.warnOf(cfg.Deprecated)
	a.trends.Reload(cfg.Alerts)
	text = "reloaded: " + fmt.Sprint(len(cfg.Alerts.EffectiveRules())) + " trend rules"
	if changed := needRestart(a.cfg, cfg); len(changed) > 0 {
		text += "; restart the sidecar for changes of: " + strings.Join(changed, ", ")
	}
	a.log.Info("Configuration reloaded", "result", text)
	return text, nil
}

// reloadAt reads the configuration again at each signal. The result is in the log and on /metrics.
func (a *App) reloadAt(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			_, _ = a.Reload() // logged
		}
	}
}

// needRestart lists the changed keys that take effect at a start only.
func needRestart(before, after config.Config) []string {
	var out []string
	if !reflect.DeepEqual(before.Alerts.Webhook, after.Alerts.Webhook) {
		out = append(out, "alerts.webhook")
	}
	if !reflect.DeepEqual(before.Alerts.Prometheus, after.Alerts.Prometheus) {
		out = append(out, "alerts.prometheus")
	}
	old, changed := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range old.NumField() {
		key := old.Type().Field(i).Tag.Get("yaml")
		if key != "alerts" && key != "-" && !reflect.DeepEqual(old.Field(i).Interface(), changed.Field(i).Interface()) {
			out = append(out, key)
		}
	}
	return out
}
