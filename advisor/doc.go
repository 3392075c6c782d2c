// Package advisor says what to do. It takes a [Bundle], which is everything the
// sidecar measured about one job, and returns an [episode.Advice]: numbered
// evidence, and recommendations that cite it.
//
// The work goes in one direction:
//
//	1  Bundle      profiles as stacks, vertices, checkpoints, trends, settings
//	2  tally       the samples of task threads, by the set of causes they show
//	3  facts       tallies + busy fraction + evidence book
//	4  rules       one line each in a table; each may make one finding
//	5  ranking     by severity, then by bounded impact
//	6  LLM         may add findings; each claim is verified against 1 to 3
//
// Steps 1 to 5 are [Rules]: a pure function, the same bundle gives the same
// advice. Step 6 is [Advisor.Advise], which works without it as well: whatever
// is wrong with the LLM becomes a warning, never an error.
//
// # What a sample counts for
//
// A TaskManager runs compiler, collector, network and client threads beside the
// tasks. Only stacks of task threads count here: what happens elsewhere doesn't
// hold up a record. Of a WALL profile the time in which a task waits for work
// is left out as well, so that every share below is a share of *busy* time.
//
// A stack may show several causes (Kryo that calls reflection inside RocksDB).
// The order of the table decides: the first rule that fires takes the stack, a
// Rule that doesn't fire leaves it to the next. So shares of different findings
// Add up to at most one.
//
// # The bound
//
// If a cause takes the fraction s of the bottleneck's time, then removing it
// altogether makes the job faster by at most 1/(1-s) - 1. No finding says more,
// whoever made it. s is the share of samples times the fraction of time the
// bottleneck is busy; where the tasks demonstrably wait inside a call most of
// their busy time, CPU shares count for that much less. What has no measured
// Bound has no impact: null, ranked by severity.
//
// A rule knows which part of its cause a change usually removes (a span such as
// 0.5 to 0.9 for Kryo). The upper end gives high_percent from the measured
// share, the lower end gives low_percent from the lower end of the share's
// Confidence interval: few samples make a wide impact, not a bold one.
//
// # What the LLM can and can't do
//
// It reads the evidence as an exact table, redacted (see redact.go, the only
// way out), and answers in a strict JSON schema. A claim survives if its
// Category is known, every evidence id it cites exists, every number it quotes
// is the number of that evidence, and its gain is within the bound of exactly
// the samples it cites. What fails is dropped and counted by reason. Findings
// of rules come first and keep their numbers whatever it answers: text that was
// planted in a frame name or in a setting can at worst add a finding that is
// backed by real evidence.
package advisor
