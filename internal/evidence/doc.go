// Package evidence is what is known of a job when advice is given: the [Bundle],
// and the numbered facts that advice cites.
//
// A [Book] numbers facts E1, E2, … in the order in which they are written down.
// The same bundle, read by the same rules, gives the same numbers. Values of
// settings that look like secrets never become facts.
//
// The package does no I/O. The item itself is [episode.Evidence], since it is
// stored with the episode.
package evidence
