// Package record records scenarios with known answers on the running local stack. The
// answer of a scenario says what was planted and how; see docs/scenarios.md.
//
// For each scenario: the job is submitted, a sidecar is started beside it, and when the job
// is warm the sidecar takes a profile. The evidence of that episode becomes the scenario's
// bundle. One job runs at a time, because a profile is of a whole process.
package record
