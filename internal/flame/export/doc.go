// Package export writes a tree of frames in the formats that other tools open:
// pprof's (go tool pprof, Pyroscope) and speedscope's.
//
// The counts are samples in every mode, because the pages that Flink writes count
// nothing else: its profiler is started without options, and async-profiler then
// makes a frame as wide as it has samples. What one sample stands for depends on
// the mode and is not on the page: about an interval of processor time (ITIMER,
// CPU), an interval of any thread's time (WALL), an allocation that was looked at
// out of many (ALLOC), a wait for a contended lock (LOCK). So the unit is a count,
// never nanoseconds or bytes, and the mode is in the name of what is counted.
//
// A page that was taken with async-profiler's option total has widths in bytes or
// nanoseconds and does not say so; they are exported as counts too.
//
// Names come from outside. Bytes that are not valid UTF-8 become U+FFFD, which
// both formats demand. Samples without a stack are given the frame [no stack].
package export

// noStack is the frame of samples that have none.
const noStack = "[no stack]"
