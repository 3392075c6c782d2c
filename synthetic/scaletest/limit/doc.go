// Package limit finds the highest rate that a job sustains. It judges a trial at a rate by the line
// through its backlog, and chooses the rate of the next one. It has no clock and does no I/O.
package limit
