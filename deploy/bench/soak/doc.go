// Package soak runs the sidecar for an hour and says whether it grew. The hour has the build tag
// soak; it samples a real process, whose servers are fakes, every ten seconds into a CSV file.
//
// Whether a size is flat is decided by the least-squares line through its samples and the 95 %
// interval of its slope, never by eye. docs/operations.md shows the result, which a test counts
// again from the file.
package soak
