package app

import (
	"context"
	"fmt"
	"os"
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

// Reload reads the configuration again and takes over the keys of [App.reloadable]. The text names
// them, and those that need a restart. With faults nothing changes.
func (a *App) Reload() (text string, err error) {
	a.reloads.mu.Lock()
	defer a.reloads.mu.Unlock()
	if a.options.Reload == nil {
		return "", fmt.Errorf("this sidecar has no configuration file to read again (restart it with one)")
	}
	cfg, err := a.options.Reload()
	if err == nil {
		text, err = a.takeOver(cfg)
	}
	a.reloads.successful = err == nil
	if err != nil {
		a.log.Error("The configuration has faults; the one before it stays in use", "err", err)
		return "", err
	}
	a.reloads.at = time.Now()
	a.warnOf(cfg.Deprecated)
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

// takeOver changes everything or, with an error, nothing.
func (a *App) takeOver(cfg config.Config) (text string, err error) {
	var takes []func()
	inUse, parts := *a.inUse.Load(), a.reloadable()
	for _, part := range parts {
		take, err := part.prepare(cfg)
		if err != nil {
			return "", err
		}
		takes = append(takes, take)
	}
	text = fmt.Sprintf("reloaded: %d trend rules", len(cfg.Alerts.EffectiveRules()))
	var changed, restart []string
	for _, key := range config.Changes(inUse, cfg) {
		if anyOf(parts, key) {
			changed = append(changed, key)
		} else {
			restart = append(restart, key)
		}
	}
	for i, take := range takes {
		take()
		parts[i].note(&inUse, &cfg)
	}
	a.inUse.Store(&inUse)
	if len(changed) > 0 {
		text += "; changed: " + strings.Join(changed, ", ")
	}
	if len(restart) > 0 {
		text += "; restart the sidecar for changes of: " + strings.Join(restart, ", ")
	}
	return text, nil
}
