package doctor

import (
	"context"
	"net"
	"os"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// alertmanager checks that the Alertmanagers of the configuration and of the flag answer, and send
// their alerts here.
func (d *doctor) alertmanager(ctx context.Context) []check.Result {
	cfg, key := d.members()
	return notify.Check(ctx, cfg, key, d.webhook())
}

// members are the Alertmanagers that are known, and the key or the flag that names them.
func (d *doctor) members() (cfg notify.Alertmanager, key string) {
	switch {
	case d.options.Alertmanager != "":
		return notify.OneMember(d.options.Alertmanager), "--alertmanager.url"
	case d.cfg.Notify != nil && d.cfg.Notify.Alertmanager != nil:
		return *d.cfg.Notify.Alertmanager, "notify.alertmanager.urls"
	}
	return notify.Alertmanager{}, ""
}

// webhook is our own, as others reach it.
func (d *doctor) webhook() notify.Webhook {
	w := notify.Webhook{URL: d.reachedAt() + notify.WebhookPath, TokenFile: d.cfg.Alerts.Webhook.TokenFile}
	if d.options.Arrived != nil {
		w.Arrived = d.options.Arrived()
	}
	return w
}

// reachedAt is the address of this sidecar for others: web.external_url, else where it listens,
// with the name of this machine for every address.
func (d *doctor) reachedAt() string {
	if external := strings.TrimRight(d.cfg.Web.ExternalURL, "/"); external != "" {
		return external
	}
	host, port, err := net.SplitHostPort(d.cfg.Web.ListenAddress)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return "http://" + net.JoinHostPort(host, port)
}
