// Package export writes profiles in the formats of other tools: pprof (go tool pprof,
// Pyroscope) and speedscope.
//
// The counts are samples in every mode, because Flink starts async-profiler without
// options. The meaning of one sample depends on the mode, and the page does not state it:
// about 10 ms of processor time (ITIMER, CPU), one look at a thread (WALL), one allocation
// out of many (ALLOC), or one wait for a contended lock (LOCK). So the exported unit is a
// count, and the name of the exported value contains the mode.
//
// A profile that was taken with --total counts bytes or nanoseconds. It is exported
// in its unit, see [flame.Tree.Unit].
//
// Names come from outside. Invalid UTF-8 becomes U+FFFD, because both formats need valid
// UTF-8. Samples without a stack get the frame [no stack].
package export

// noStack is the frame for samples without a stack.
const noStack = "[no stack]"
