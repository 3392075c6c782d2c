// Package testrun runs a scale test beside a sidecar. The test itself is
// synthetic/scaletest and knows neither Flink nor the history; the sidecar knows both. This
// package asks the sidecar's API what the deployment is and which run the test belongs to,
// reports the progress to it, and stores the result there.
//
//	sidecar scaletest ─► testrun ─► scaletest ─► Kafka ─► job ─► sinks
//	                        │
//	                        └─► API of the sidecar: status, history, progress
package testrun
