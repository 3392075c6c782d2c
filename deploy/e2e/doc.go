// Package e2e holds the tests that only a real Flink, Kafka and Elasticsearch
// can pass or fail. They are built with the tag e2e and run by make e2e.
//
// One stack is started for all of them, and they run in order, as a day on call
// would: look, break one thing, watch the sidecar notice and recover, break the
// next. They wait on the sidecar's own metrics and API, which is also a test of
// those, and never on time passing. At the end every synthetic record that was
// ever intended is held against what the sinks really contain.
package e2e
