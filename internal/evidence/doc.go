// Package evidence defines the input of the advisor, the [Bundle] of facts about a job, and
// numbers the facts that advice cites.
//
// A [Book] numbers facts E1, E2, … in the order of [Book.Add]. The same bundle and the same
// rules give the same numbers. Values of settings that look like secrets never become facts.
//
// The package does no I/O. A fact has the type [episode.Evidence], because it is stored
// with the episode.
package evidence
