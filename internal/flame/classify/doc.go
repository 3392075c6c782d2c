// Package classify tells what kind of work a profile shows: which
// [Category] a frame, or a whole stack, belongs to, and which [Thread] it ran in.
//
// # Frames
//
// [Of] looks at one frame's name alone. The first rule that matches decides, see
// rules.go: what is most particular stands first (Kryo), what is general last
// (Flink, the JDK's own classes). What no rule claims and is Java is user code:
// the packages of jobs are not known in advance, those of libraries mostly are.
// Classes without a package that Flink generates for SQL count as user code too.
// Names are matched in one form, java.lang.Thread.run, and by fragments where
// shading is usual.
//
// # Stacks
//
// A sample in java.util.HashMap.get below Kryo is Kryo's work. So [Reader.Stack]
// goes from the top of the stack down to the first frame whose category tells
// something; the JDK's classes and native code don't. What it finds may still be
// in the service of something below it: strings built by a logger are logging,
// state written by a checkpoint is checkpointing. These are the pairs in
// absorbs; the search for them ends at the user's code, whose callers have
// nothing to do with it.
//
// What a waiting thread means depends on the mode. In WALL profiles a task that
// takes from its empty mailbox, and any other thread that waits, is idle; a task
// that waits elsewhere is waiting, which is often the cause looked for. This goes
// before all else: threads of collectors and compilers wait too, and a thread that
// waits while a collection is under way looks like [GC_active]. In the
// other modes a sample is time on the processor, an allocation or a wait for a
// lock, never idleness.
//
// # Use
//
// [Summarize] counts a whole tree; [WithoutIdle] sets the idle threads of a WALL
// profile apart. The categories are for reading a profile. What to change, and what it
// may gain, is the advisor's to say, with rules of its own.
package classify
