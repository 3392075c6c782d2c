// rules.yml is written from the sidecar's own rules.
{
  prometheusRules+:: {
    groups+: std.parseYaml(importstr 'rules.yml').groups,
  },
}
