// Package e2e holds the tests that need a real Flink, Kafka and Elasticsearch. They are
// built with the tag e2e and run by make e2e.
//
// Each test has a stack of its own, and its parts run in order, like a day on call:
// observe, break one thing, wait until the sidecar notices and recovers, break the next.
// They wait on the sidecar's own metrics and API, which also tests those, and never on a
// fixed time.
//
// TestFirstLight is about the probe: at its end every intended synthetic record is
// compared with the content of the sinks. TestLoop is about the loop: at its end every
// episode is compared with Grafana's annotations.
package e2e
