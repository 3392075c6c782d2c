// The files are copies of those in grafana/dashboards: jsonnet-bundler takes this directory alone.
{
  local shipped = '"http://127.0.0.1:8642"',
  local page = std.rstripChars($._config.externalURL, '/'),
  local moved(board) =
    std.parseJson(std.strReplace(std.manifestJsonMinified(board), shipped, std.manifestJsonMinified(page))),
  grafanaDashboards+:: {
    'flink-sidecar-changes.json': moved(import 'changes.json'),
    'flink-sidecar-end-to-end.json': moved(import 'end-to-end.json'),
    'flink-sidecar-fleet.json': moved(import 'fleet.json'),
    'flink-sidecar-forecast.json': moved(import 'forecast.json'),
    'flink-sidecar-job.json': moved(import 'job.json'),
  },
}
