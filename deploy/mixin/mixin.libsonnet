// The mixin of flink-sidecar. Set _config to change where runbooks and the page of the sidecar are.
(import 'config.libsonnet') +
(import 'alerts/alerts.libsonnet') +
(import 'rules/rules.libsonnet') +
(import 'dashboards/dashboards.libsonnet')
