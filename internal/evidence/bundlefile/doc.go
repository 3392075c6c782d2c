// Package bundlefile writes an [evidence.Bundle] to a directory and reads it again. The
// advice of a bundle that was read has the same bytes as the advice of the original.
//
//	DIR/bundle.json                               version, facts, and the profiles by name
//	DIR/profiles/NAME-MODE.collapsed.gz           one file for each profile
//
// bundle.json has the fields of [evidence.Bundle], and these:
//
//	version    1; what has a higher one comes from a newer sidecar and is refused
//	sha256     of bundle.json without spaces and without this field
//	profiles   file, sha256 (of the file), name, mode, process, vertex, duration_seconds
//	trends     breach_seconds in place of breach
//
// A bundle that a person writes needs no sha256. Its profiles may be flame graph pages (.html),
// collapsed stacks (.collapsed), or one of these with gzip (.gz).
//
// Every text passes [evidence.Bundle.Redacted] before it is written. A directory comes from
// outside when it is read: sizes are limited, and nothing outside the directory is opened.
package bundlefile
