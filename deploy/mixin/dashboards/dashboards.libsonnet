// The files are copies of those in grafana/dashboards: jsonnet-bundler takes this directory alone.
{
  grafanaDashboards+:: {
    'flink-sidecar-changes.json': import 'changes.json',
    'flink-sidecar-end-to-end.json': import 'end-to-end.json',
    'flink-sidecar-fleet.json': import 'fleet.json',
    'flink-sidecar-forecast.json': import 'forecast.json',
    'flink-sidecar-job.json': import 'job.json',
  },
}
