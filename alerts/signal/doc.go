// Package signal names what rules can be about. The table in table.go is closed: each row
// says the unit of a signal, when its past is cut, whether it is a saw-tooth, and from which
// metrics it comes.
//
// All metrics are those of the sidecar's own page. So one table serves four uses: the
// samples of a poll, samples that Prometheus recorded, the refilling of windows after
// a restart, and the expressions of rules for Prometheus.
//
// [Reader] turns pages into observations. A signal whose metric is not on the page has no
// observation: unknown is not zero. A counter becomes a rate over a stretch of time, which
// survives resets and is unknown until half of the stretch was seen. A quantile of a histogram
// is computed of the rates of its buckets.
package signal
