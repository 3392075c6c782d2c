// Package cause is how a cause of slowness is recognised and judged: what a
// [Rule] is, how samples are counted for it, and how its gain is bounded. The
// rules themselves are in advisor/rules.
//
// [Examine] reads a bundle into [Facts]: samples of task threads by the set of
// causes they show, the busy fraction of the vertex that limits the job, and how
// much of that time it waits. [Facts.Judge] then lets each rule decide.
//
// # What a sample counts for
//
// A TaskManager runs compiler, collector, network and client threads beside the
// tasks. Only stacks of task threads count: what happens elsewhere does not hold
// up a record. Of a WALL profile the time in which a task waits for work is left
// out, so that every share is a share of busy time.
//
// A stack may show several causes, for example Kryo that calls reflection inside
// RocksDB. The order of the list decides: the first rule that fires takes the
// stack, and a rule that does not fire leaves it to the next. So shares of
// different findings add up to at most one.
//
// # The bound
//
// If a cause takes the fraction s of the bottleneck's time, then removing all of
// it makes the job faster by at most 1/(1-s) - 1. No finding says more. s is the
// share of samples times the fraction of time the bottleneck is busy. Where the
// tasks wait inside a call for most of their busy time, CPU shares count for that
// much less. What has no measured bound has no impact: null, ranked by severity.
//
// A rule knows which part of its cause a change usually removes, for example 0.5
// to 0.9 for Kryo. The upper end gives high_percent from the measured share, the
// lower end gives low_percent from the lower end of the share's confidence
// interval. Few samples make a wide impact, not a bold one.
package cause
