// Package export writes a tree of frames in the formats that other tools open:
// pprof's (go tool pprof, Pyroscope) and speedscope's.
//
// The counts are samples in every mode: Flink starts async-profiler without options,
// and then a frame is as wide as it has samples. What one sample stands for depends
// on the mode and is not on the page: about 10 ms of processor time (ITIMER, CPU), a
// look at a thread (WALL), one allocation out of many (ALLOC), a wait for a contended
// lock (LOCK). So the unit is a count, and the mode is in the name of what is counted.
//
// A profile that was taken with --total counts bytes or nanoseconds. It is exported
// in its unit, see [flame.Tree.Unit].
//
// Names come from outside. Bytes that are not valid UTF-8 become U+FFFD, which
// both formats demand. Samples without a stack are given the frame [no stack].
package export

// noStack is the frame of samples that have none.
const noStack = "[no stack]"
