// Package notices sends the sidecar's own alerts to Alertmanager: those of trends and of troubles,
// and large regressions of evaluations, which Grafana shows too.
package notices
