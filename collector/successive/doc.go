// Package successive compares what successive polls of Flink read: counters become rates and totals,
// and values that stay as they were show that Flink does not renew them. It does no I/O; the
// collector has one of each for what it polls.
package successive
