{
  _config+:: {
    // The beginning of runbook_url of every shipped alert.
    runbookURL: 'https://github.com/flink-sidecar/flink-sidecar/blob/main/docs/runbooks/',
    // Where people reach the page of the sidecar: links of the dashboards begin with it.
    externalURL: 'http://127.0.0.1:8642',
  },
}
