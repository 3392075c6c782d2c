// Package cause recognises a cause of slowness and judges it. It defines a [Rule],
// counts the samples for each rule and bounds the gain. The rules themselves are in
// advisor/rules.
//
// [Examine] reads a bundle into [Facts]: samples of task threads by the set of causes
// they show, the busy fraction of the bottleneck (the vertex that limits the job), and
// the part of the busy time that the bottleneck waits. [Facts.Judge] then applies each
// rule.
//
// # Which samples count
//
// A TaskManager runs compiler, collector, network and client threads beside the tasks.
// Only stacks of task threads count: other threads do not delay a record. In a WALL
// profile, samples of a task that waits for work are left out, so each share is a share
// of busy time.
//
// A stack may show several causes, for example Kryo that calls reflection inside
// RocksDB. The order of the list decides: the stack belongs to the first rule that
// fires. So the shares of different findings add up to at most one.
//
// # The bound
//
// If a cause takes the fraction s of the bottleneck's time, then removing all of it
// makes the job faster by at most 1/(1-s) - 1. No finding claims more. s is the share
// of samples times the busy fraction of the bottleneck: that of its hot subtask where it has one,
// because the job waits for that subtask alone (package limit). If the tasks wait inside calls
// for part of their busy time, a CPU share counts only for the rest, and the upper end of a gain
// through less waiting takes the bottleneck as busy all the time, as it is while it limits. A finding
// without a measured bound has impact null and is ranked by severity.
//
// A rule knows the part of its cause that a change usually removes, for example 0.5 to
// 0.9 for Kryo. The upper end and the measured share give high_percent. The lower end
// and the lower end of the share's confidence interval give low_percent. Few samples
// therefore give a wide range.
package cause
