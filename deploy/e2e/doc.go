// Package e2e holds the tests that only a real Flink, Kafka and Elasticsearch
// can pass or fail. They are built with the tag e2e and run by make e2e.
//
// Each test has a stack of its own, and its parts run in order, as a day on call
// would: look, break one thing, watch the sidecar notice and recover, break the
// next. They wait on the sidecar's own metrics and API, which is also a test of
// those, and never on time passing.
//
// TestFirstLight is about the probe: at its end every synthetic record that was
// ever intended is held against what the sinks really contain. TestLoop is about
// the loop: at its end every episode is held against Grafana's annotations.
package e2e
