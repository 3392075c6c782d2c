{
  _config+:: {
    // The beginning of runbook_url of every shipped alert.
    runbookURL: 'https://github.com/flink-sidecar/flink-sidecar/blob/main/docs/runbooks/',
  },
}
