// Package figures makes the numbers of a scale test of what was counted: histograms of latencies,
// one iteration of what several shards measured, which iterations are warm-up or do not count, and
// the throughput and the verdict of a test. It has no clock and does no I/O.
package figures
