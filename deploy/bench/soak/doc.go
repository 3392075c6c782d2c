// Package soak runs the sidecar for an hour and says whether it grew. The hour has the build tag
// soak; it samples a real process, whose servers are fakes, every ten seconds into a CSV file.
//
// A leak is what is never given back, so it raises the least that is in use within each stretch of
// time. Whether that is flat is decided by the least-squares line through these floors and the 95 %
// interval of its slope, never by eye. The memory that the process has from the kernel has a limit
// instead: Go fills it slowly, and keeps it. docs/operations.md shows the result, which a test counts
// again from the file.
package soak
