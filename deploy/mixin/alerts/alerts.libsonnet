// alerts.yml is written from the sidecar's own rules.
{
  local shipped = 'https://github.com/flink-sidecar/flink-sidecar/blob/main/docs/runbooks/',
  local moved(rule) = rule {
    annotations+: { runbook_url: std.strReplace(rule.annotations.runbook_url, shipped, $._config.runbookURL) },
  },
  prometheusAlerts+:: {
    groups+: [
      group { rules: [moved(rule) for rule in group.rules] }
      for group in std.parseYaml(importstr 'alerts.yml').groups
    ],
  },
}
