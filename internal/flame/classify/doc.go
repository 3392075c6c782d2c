// Package classify finds the kind of work in a profile: the [Category] of a frame or of a
// whole stack, and the [Thread] that the stack ran in.
//
// # Frames
//
// [Frame] uses only the name of a frame. The first rule that matches decides, see
// rules.go: specific rules (Kryo) come first, general rules (Flink, the JDK's own classes)
// last. Java code that matches no rule is user code, because the packages of libraries are
// mostly known and the packages of jobs are not. Classes without a package that Flink
// generates for SQL count as user code too. Names are compared with dots, as in
// java.lang.Thread.run. Rules for libraries that are often shaded match a part of the name.
//
// # Stacks
//
// A sample in java.util.HashMap.get that Kryo called is Kryo's work. So [Classifier.Stack]
// goes from the top of the stack down to the first frame with a specific category, see
// [Category.Tells]. Its work may be a part of the work of a frame further down: a logger
// builds strings, and a checkpoint writes state. The map absorbs lists these pairs. The
// search for them stops at user code, because the callers of user code do not explain what
// it does.
//
// The meaning of a wait depends on the mode. In WALL profiles a task that waits for mail in
// its empty mailbox is idle, and so is any other thread that waits. A task that waits
// elsewhere is waiting, which is often the cause of a problem. This check comes before all
// others: threads of the garbage collector and of the compiler wait too, and a thread that
// waits during a garbage collection has the frame [GC_active]. In the other modes a sample
// is processor time, an allocation or a wait for a lock, and never idle.
//
// # Use
//
// [Summarize] counts a whole tree. [WithoutIdle] removes the idle threads from a WALL
// profile. The categories help to read a profile. The advisor has its own rules for what to
// change and what a change may gain.
package classify
