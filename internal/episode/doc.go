// Package episode is the vocabulary of the sidecar: the types that its stages exchange
// and that are written to its history. It does no I/O and imports no stage; every stage
// may import it.
//
// The central noun is the [Episode], one turn of the loop
//
//	measure → notice → profile → analyse → rank → change one thing → measure again
//
// An episode opens because of an [Alert] (a trend, Alertmanager, a schedule or a
// person) and advances through recorded steps. A [Measurement] covers one
// span of time, or one round of synthetic records. An [Epoch]
// says which software and settings it was measured on: numbers are comparable
// within an epoch, and the change between two epochs is what the "What
// changed?" table is about.
//
// A [ProbeRecord] is one synthetic record on its way through the job. It is
// the unit of the accounting that the sidecar promises: for each sink, at every
// moment,
//
//	intended = not_sent + produce_failed + pending + on_time + late + lost
//
// [Account] carries these numbers and [Account.Balanced] is that equation.
//
// # Unknown is not zero
//
// Where a number may be unknown its field is a pointer and nil means unknown.
// A zero is only ever a measured zero. In JSON an unknown field is left out.
//
// # Compatibility
//
// These types are stored as JSON in users' history files and served by the
// HTTP API. Fields are added, never renamed or given a new meaning; any other
// change is a migration in internal/history.
package episode
